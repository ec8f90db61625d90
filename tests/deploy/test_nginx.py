"""The production site of deploy/nginx, served by a real nginx in front of a real server."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.clock import utc_now
from backend.settings import SOURCE_ROOT, load_settings
from backend.state.api_keys import add_key
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx-light)"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed, which makes the certificate"),
]

DEADLINE_SECONDS = 60.0
SITE = SOURCE_ROOT / "deploy/nginx/routing-ml.conf"
MAIN = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    types {{ text/html html; text/css css; text/javascript js; image/svg+xml svg; }}
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """Addresses of the running site, and of the server behind it, and a key that the server knows."""

    http: str
    https: str
    server: str
    certificate: Path
    key: str

    def client(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.https, verify=trusted, timeout=DEADLINE_SECONDS, headers=headers)


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(url, timeout=10)
        except httpx.TransportError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        else:
            return


def make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate), "-days", "2"]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    return certificate, key


def make_build(folder: Path) -> Path:
    """A built interface as Vite leaves one: a page, a hashed script, a file beside them, and one that must stay."""
    dist = folder / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Routing ML</title>")
    (dist / "assets/index-4f3a.js").write_text("export {};\n" * 200)
    (dist / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (dist / ".vite").mkdir()
    (dist / ".vite/manifest.json").write_text("{}")
    return dist


def make_key(root: Path) -> str:
    settings = load_settings(root)
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    _, text = add_key(engine, "behind-nginx", Role.ADMIN, utc_now(), actor="test")
    engine.dispose()
    return text


def adapted(text: str, changes: dict[str, str]) -> str:
    for printed, here in changes.items():
        assert printed in text, f"the site no longer says {printed!r}"
        text = text.replace(printed, here)
    return text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    root = tmp_path_factory.mktemp("installation")
    http, https, port = free_ports(3)
    certificate, key = make_certificate(folder)
    changes = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "/etc/ssl/routing-ml/fullchain.pem": str(certificate),
        "/etc/ssl/routing-ml/privkey.pem": str(key),
        "/opt/routing-ml/frontend-prediction/dist": str(make_build(folder)),
    }
    (folder / "site.conf").write_text(adapted(SITE.read_text(encoding="utf-8"), changes))
    user = "" if os.name != "posix" or os.geteuid() else "user root;\n"  # pytest's folders are closed to others
    (folder / "nginx.conf").write_text(user + MAIN.format(folder=folder))
    api_key = make_key(root)
    log = root / "uvicorn.log"
    command = [sys.executable, "-m", "uvicorn", "backend.api.main:app", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=SOURCE_ROOT, env=os.environ | {"ROUTING_ML_ROOT": str(root)}, stdout=output, stderr=output
        )
    nginx = subprocess.Popen([str(NGINX), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, log)
        wait_for(f"http://127.0.0.1:{http}/", nginx, folder / "error.log")
        addresses = f"http://localhost:{http}", f"https://localhost:{https}", f"http://127.0.0.1:{port}"
        yield Site(*addresses, certificate, api_key)
    finally:
        nginx.send_signal(signal.SIGQUIT)
        server.terminate()
        nginx.wait(timeout=DEADLINE_SECONDS)
        server.wait(timeout=DEADLINE_SECONDS)


def test_plain_http_is_sent_to_https(site: Site) -> None:
    answer = httpx.get(f"{site.http}/predict?item=A")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/predict?item=A"


@pytest.mark.parametrize("path", ["/", "/predict", "/training/job_1", "/quality?last=30"])
def test_every_page_address_gives_the_page_uncached_and_with_the_servers_own_headers(site: Site, path: str) -> None:
    with site.client() as client:
        page = client.get(path)
    own = httpx.get(f"{site.server}/").headers
    assert page.status_code == 200
    assert "<title>Routing ML</title>" in page.text
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert page.headers.get_list(name) == own.get_list(name), name


def test_hashed_files_are_kept_for_ever_and_compressed_and_a_missing_one_is_missing(site: Site) -> None:
    with site.client() as client:
        script = client.get("/assets/index-4f3a.js")
        missing = client.get("/assets/index-0000.js")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.headers["Content-Encoding"] == "gzip"
    assert missing.status_code == 404
    assert "Routing ML" not in missing.text


@pytest.mark.parametrize("path", ["/.vite/manifest.json", "/metrics", "/assets/../.vite/manifest.json"])
def test_hidden_files_and_metrics_are_not_served(site: Site, path: str) -> None:
    with site.client() as client:
        assert client.get(path).status_code == 404


def test_the_api_answers_through_the_site_with_its_own_headers(site: Site) -> None:
    with site.client() as client:
        health = client.get("/health", headers={"X-Request-ID": "seen-by-both"})
        unknown = client.get("/api/nothing")
    assert health.json()["status"] in {"healthy", "degraded"}
    assert health.headers.get_list("X-Request-ID") == ["seen-by-both"]
    assert unknown.headers["Content-Type"] == "application/problem+json"


def test_what_comes_through_the_site_is_not_trusted_as_local(site: Site) -> None:
    with site.client() as client:
        del client.headers["Authorization"]
        answer = client.get("/api/models")
    assert answer.status_code == 401
    assert httpx.get(f"{site.server}/api/models").status_code == 200


def test_a_body_that_is_too_large_is_refused_by_the_server_in_its_own_words(site: Site) -> None:
    with site.client() as client:
        answer = client.post("/api/predict", json={"item_codes": ["A" * 2_000_000]})
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("body-too-large")


def test_events_come_through_while_their_stream_is_open(site: Site) -> None:
    """The stream does not end by itself: an event that nginx kept back would never come."""
    with site.client() as client, client.stream("GET", "/api/logs/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        client.get("/api/models")  # is logged
        data = next(line for line in stream.iter_lines() if line.startswith("data:"))
    assert json.loads(data.removeprefix("data:"))


def test_a_change_of_settings_goes_through_though_nginx_marks_the_tag_of_what_it_compresses(site: Site) -> None:
    url = "/api/config/iter_training"
    with site.client() as client:
        shown = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert shown.headers["Content-Encoding"] == "gzip"
        assert shown.headers["ETag"].startswith("W/")
        size = shown.json()["values"]["queue"]["max_size"] + 1
        changed = client.put(
            url, json={"changes": {"queue.max_size": size}}, headers={"If-Match": shown.headers["ETag"]}
        )
        assert changed.status_code == 200, changed.text
