"""Each rule of protected mode refuses by itself."""

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from backend.api.peer_owner import is_ours, linux_peer_owner
from backend.api.protected_mode import Claim, is_loopback, is_own_host, why_not_local
from backend.settings import SOURCE_ROOT
from tests.backend.api.test_server import Server, free_port, until

LOCAL = Claim.of("127.0.0.1", "http", Headers({"Host": "localhost:8000", "User-Agent": "curl"}))
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a connection is")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LocalHost:8000"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_a_program_of_this_machine_keeps_all_rules(host: str, peer: str) -> None:
    assert why_not_local(replace(LOCAL, peer=peer, hosts=(host,))) is None


def test_a_page_of_this_server_keeps_all_rules() -> None:
    page = replace(LOCAL, origins=("http://localhost:8000",), fetch_sites=("same-origin",))
    assert why_not_local(page) is None
    assert why_not_local(replace(LOCAL, fetch_sites=("none",))) is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        *((replace(LOCAL, peer=peer), "another one") for peer in ("10.0.0.9", "::2", "::ffff:10.0.0.9", "", None)),
        *(
            (replace(LOCAL, header_names=LOCAL.header_names | {name}), "proxy")
            for name in ("forwarded", "x-forwarded-for", "x-forwarded-anything", "x-real-ip", "via")
        ),
        *(
            (replace(LOCAL, hosts=hosts), "localhost")
            for hosts in ((), ("evil.example",), ("localhost", "localhost"), ("localhost.",), ("127.0.0.2",), ("[::1",))
        ),
        *(
            (replace(LOCAL, origins=(origin,)), "another site")
            for origin in ("http://evil.example", "null", "https://localhost:8000", "http://localhost:8001", "")
        ),
        *((replace(LOCAL, fetch_sites=(site,)), "another site") for site in ("cross-site", "same-site", "")),
    ],
)
def test_each_rule_refuses_by_itself(broken: Claim, words: str) -> None:
    assert words in (why_not_local(broken) or "")


@given(st.ip_addresses())
@example(ipaddress.ip_address("127.255.255.255"))
@example(ipaddress.ip_address("128.0.0.0"))
@example(ipaddress.ip_address("::ffff:127.0.0.1"))
@example(ipaddress.ip_address("::ffff:8.8.8.8"))
def test_only_loopback_addresses_are_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    text = str(inner or address)
    assert is_loopback(str(address)) == (text == "::1" or text.startswith("127."))


@given(st.text(alphabet="localhst127.0.0.1[]::@/?#evil 8\n\x00", max_size=24) | st.text(max_size=24))
@example("localhost\n")
@example("localhost:8000@evil.example")
@example("127.0.0.1:٨")
def test_a_host_that_is_ours_is_one_of_three_names_with_a_port_of_digits(host: str) -> None:
    if is_own_host(host):
        name, _, port = host.lower().rpartition(":") if host[-1] != "]" and ":" in host else (host.lower(), "", "")
        assert name in {"localhost", "127.0.0.1", "[::1]"}
        assert port == "" or (port.isascii() and port.isdigit())


@given(st.text())
def test_no_peer_and_no_host_is_too_strange_to_be_refused(text: str) -> None:
    assert is_loopback(text) or why_not_local(replace(LOCAL, peer=text)) is not None
    assert is_own_host(text) or why_not_local(replace(LOCAL, hosts=(text,))) is not None


@on_linux
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_kernel_tells_whose_a_connection_is_until_it_is_closed(family: socket.AddressFamily) -> None:
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.create_server((host, 0), family=family) as listening:
        client = socket.create_connection(listening.getsockname()[:2])
        accepted, _ = listening.accept()
        peer, own = client.getsockname()[:2], accepted.getsockname()[:2]
        assert linux_peer_owner(peer, own) == os.geteuid()
        client.close()
        assert not is_ours(linux_peer_owner(peer, own)), "nobody's socket counts as root's in the kernel's answer"
        accepted.close()
    assert linux_peer_owner(peer, own) is None


@on_linux
def test_an_ipv4_client_of_an_ipv6_server_is_found_too() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listening:
        client = socket.create_connection(("127.0.0.1", listening.getsockname()[1]))
        accepted, address = listening.accept()
        with client, accepted:
            assert address[0] == "::ffff:127.0.0.1"
            assert linux_peer_owner(address[:2], accepted.getsockname()[:2]) == os.geteuid()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "logs").mkdir()
    started = Server(tmp_path, "backend.api.main:app", SOURCE_ROOT, free_port())
    try:
        until(started.answers)
        yield started
    finally:
        started.process.terminate()
        started.process.wait(timeout=30)


@pytest.mark.slow
@on_linux
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can ask as another user of the machine"
)
def test_another_user_of_the_machine_and_every_disguise_is_refused_by_a_real_server(server: Server) -> None:
    def status(*options: str, user: str | None = None) -> str:
        command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *options, f"{server.url}/api/models"]
        return subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=True).stdout

    assert status() == "200"
    assert status(user="nobody") == "403"
    assert status("-H", "Host: evil.example") == "403"
    assert status("-H", "X-Forwarded-For: 127.0.0.1") == "403"
    assert status("-H", "Origin: http://evil.example") == "403"
    assert status("-H", "Sec-Fetch-Site: cross-site") == "403"
