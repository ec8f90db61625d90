"""Whether a request comes from this machine's own user: the rules that let it in without credentials.

Each rule stops something that looks local and is not: another machine, a proxy here, a foreign name that was
made to lead here (DNS rebinding), a page of another site in a browser here, another user of this machine.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self

from starlette.datastructures import Headers

_PROXY_HEADERS: Final = frozenset({"forwarded", "x-real-ip", "via"})
_OWN_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of where it comes from."""

    peer: str | None
    scheme: str
    header_names: frozenset[str]
    """In small letters."""
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    fetch_sites: tuple[str, ...]

    @classmethod
    def of(cls, peer: str | None, scheme: str, headers: Headers) -> Self:
        """Read a request's headers."""
        named = ("host", "origin", "sec-fetch-site")
        return cls(peer, scheme, frozenset(headers.keys()), *(tuple(headers.getlist(name)) for name in named))


def why_not_local(claim: Claim) -> str | None:
    """Return which of the first four rules a request breaks, in words; None where it keeps all."""
    if not is_loopback(claim.peer):
        return "this request comes from another one"
    if any(name in _PROXY_HEADERS or name.startswith("x-forwarded-") for name in claim.header_names):
        return "this request came through a proxy"
    if len(claim.hosts) != 1 or not is_own_host(claim.hosts[0]):
        return "this request is not addressed to localhost"
    if not _is_own_page(claim):
        return "this request was made by a page of another site"
    return None


def is_loopback(peer: str | None) -> bool:
    """Tell whether an address is this machine's own.

    >>> [is_loopback(peer) for peer in ("127.8.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "localhost", None)]
    [True, True, True, False, False, False]
    """
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def is_own_host(host: str) -> bool:
    """Tell whether a Host header names this machine alone.

    >>> is_own_host("LOCALHOST:8000"), is_own_host("[::1]"), is_own_host("localhost.evil.example")
    (True, True, False)
    """
    return _OWN_HOST.fullmatch(host) is not None


def _is_own_page(claim: Claim) -> bool:
    own = f"{claim.scheme}://{claim.hosts[0]}".lower()
    sites = set(claim.fetch_sites) <= {"none", "same-origin"}
    return sites and all(origin.lower() == own for origin in claim.origins)
