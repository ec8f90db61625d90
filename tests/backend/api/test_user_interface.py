import json
import logging
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.openapi_document import openapi_document
from backend.api.problems import add_problem_handlers
from backend.api.request_log import RequestLog
from backend.api.user_interface import add_user_interface
from backend.monitoring.prometheus import Metrics


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A build as Vite leaves it, and a secret beside it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / "index.html").write_text("<title>Routing ML</title>")
    (folder / "assets/index-abc123.js").write_text("start()")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".vite/manifest.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def ui(dist: Path) -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_user_interface(app, dist)
    add_problem_handlers(app)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/index.html", "/system", "/training/job_20251022T140000_1a2b3c4d?tab=log"])
def test_every_address_of_a_page_answers_index_html_that_is_asked_for_again(ui: TestClient, path: str) -> None:
    answer = ui.get(path)

    assert answer.text == "<title>Routing ML</title>"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "form-action 'self'" in policy
    assert "script-src" not in policy  # default-src holds for scripts: none inline, none from elsewhere


def test_files_named_by_their_content_are_kept_forever_and_others_are_not(ui: TestClient) -> None:
    assert "immutable" in ui.get("/assets/index-abc123.js").headers["cache-control"]
    assert ui.get("/assets/index-abc123.js").headers["content-type"].startswith("text/javascript")
    assert ui.get("/icon.svg").headers["cache-control"] == "no-cache"
    assert ui.head("/icon.svg").status_code == 200


@pytest.mark.parametrize("path", ["/assets/index-old.js", "/api/nothing", "/api", "/health/x", "/docs/x", "/metrics/x"])
def test_what_is_no_page_is_a_problem(ui: TestClient, path: str) -> None:
    answer = ui.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/.vite/manifest.json", "/%00"]
)
def test_nothing_outside_the_build_and_nothing_hidden_is_given(ui: TestClient, path: str) -> None:
    answer = ui.get(path)

    assert "secret" not in answer.text
    assert answer.text != "{}"


@pytest.mark.parametrize("path", ["/%5C%5Cmachine%5Cshare", "///machine/share", "/C:secret.txt"])
def test_a_name_of_another_machine_or_drive_is_not_even_looked_up(
    ui: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    looked_up: list[str] = []
    resolve = Path.resolve

    def noted(self: Path) -> Path:
        looked_up.append(str(self))
        return resolve(self)

    monkeypatch.setattr(Path, "resolve", noted)

    assert ui.get("/icon.svg").text == "<svg/>"
    assert any("icon.svg" in name for name in looked_up)
    assert ui.get(f"http://testserver{path}").text == "<title>Routing ML</title>"
    assert not [name for name in looked_up if name.endswith(("share", "secret.txt"))]


def test_without_a_build_the_start_page_says_what_to_run_and_other_addresses_are_not_there(
    tmp_path: Path, ui: TestClient, dist: Path
) -> None:
    dist.rename(tmp_path / "elsewhere")

    assert "make run" in ui.get("/").text
    assert ui.get("/system").status_code == 404


def test_the_api_is_untouched_by_the_pages(client: TestClient) -> None:
    assert client.get("/health").json()["time_zone"] == "Asia/Seoul"
    assert client.get("/api/nothing").headers["content-type"] == "application/problem+json"
    assert "swagger-ui" in client.get("/docs").text
    assert client.get("/openapi.json").json() == json.loads(json.dumps(openapi_document()))
    assert client.post("/system").status_code == 405
    assert client.get("/api/predict").headers["allow"] == "POST"


def test_files_of_the_interface_do_not_fill_the_log(dist: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_user_interface(app, dist)
    add_problem_handlers(app)
    app.add_middleware(RequestLog, metrics=Metrics({}))

    with caplog.at_level(logging.DEBUG, "routing_ml.access"):
        for path in ("/", "/assets/index-abc123.js", "/assets/gone.js", "/api/gone"):
            TestClient(app).get(path)

    levels = [record.levelname for record in caplog.records if record.name == "routing_ml.access"]
    assert levels == ["DEBUG", "DEBUG", "INFO", "INFO"]
