"""Whose process is at the other end of a connection on this machine; Linux alone can tell.

A proxy on the same machine that adds no header of its own looks like a local user in everything but this.
"""

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final, TypeAlias

Address: TypeAlias = tuple[str, int]
PeerOwner: TypeAlias = Callable[[Address, Address], int | None]
"""From the peer's and our own address to the user id of the peer's process; None where there is no such socket."""

_SOCK_DIAG: Final = 4
"""NETLINK_SOCK_DIAG, which Python's socket module does not name."""
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_ANY_STATE: Final = 0xFFFFFFFF
_NO_COOKIE: Final = (0xFFFFFFFF, 0xFFFFFFFF)
_HEADER: Final = struct.Struct("=IHHII")
_UID_AND_INODE: Final = struct.Struct("=II")
_UID_AT: Final = 16 + 4 + 48 + 12
"""Behind the header, four bytes of state, the socket's identity, and expiry and queues."""


def is_ours(user_id: int | None) -> bool:
    """Tell whether a process of this user may be taken for this installation's own: the server's user, or root."""
    return user_id in {0, os.geteuid()}


def linux_peer_owner(peer: Address, own: Address) -> int | None:
    """Ask the kernel (inet_diag) who owns the peer's socket."""
    peer_host, own_host = _plain(peer[0]), _plain(own[0])
    family = socket.AF_INET if peer_host.version == 4 else socket.AF_INET6
    ports = struct.pack("!HH", peer[1], own[1])
    hosts = b"".join(host.packed.ljust(16, b"\0") for host in (peer_host, own_host))
    about = ports + hosts + struct.pack("=III", 0, *_NO_COOKIE)
    asked = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, _ANY_STATE) + about
    header = _HEADER.pack(_HEADER.size + len(asked), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
        kernel.send(header + asked)
        return _owner_in(kernel.recv(8192))


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address, that of IPv4 where it is one in IPv6's clothes."""
    address = ipaddress.ip_address(host)
    return (address.version == 6 and address.ipv4_mapped) or address


def _owner_in(answer: bytes) -> int | None:
    """Read the user id; a socket without inode belongs to nobody any more, and the kernel calls it root's."""
    _, kind, *_ = _HEADER.unpack_from(answer)
    if kind != _SOCK_DIAG_BY_FAMILY:
        return None
    user_id, inode = _UID_AND_INODE.unpack_from(answer, _UID_AT)
    return int(user_id) if inode else None


PEER_OWNER: Final[PeerOwner | None] = linux_peer_owner if sys.platform == "linux" else None
"""How this system tells whose a connection is; None where it cannot."""
