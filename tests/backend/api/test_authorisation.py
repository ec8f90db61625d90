"""Every route × everybody who may ask, from the app's own routes; and the rules that let anybody in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.app import create_app
from backend.api.route_roles import ROUTE_ROLES, UndeclaredRouteError, check_every_route_has_a_role, routes_of
from backend.domain.access import Role
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
from backend.state.api_keys import add_key
from backend.state.migrating import migrate_state
from tests.backend.api.asking import MovingClock, foreign_client, key_of
from tests.backend.api.conftest import local_client, services_of

NOBODY = "nobody"
IDENTITIES = (NOBODY, "viewer", "planner", "operator", "admin")
"""Each may do what those before it may."""
FILLED_IN = {
    "{name}": "unknown",
    "{version}": "version_20990101T000000Z_g000099",
    "{cycle_id}": "cycle_unknown",
    "{job_id}": "job_unknown",
    "{key_id}": "0" * 12,
    "{path:path}": "predict",
}
WITHOUT_END = {"/api/logs/events": "/api/logs/events?level=nonsense"}
"""A stream, asked so that it is refused for its form, which comes after the role."""

EXPECTED = {
    "GET /api/quality/current": Role.VIEWER,
    "GET /metrics": Role.VIEWER,
    "POST /api/predict": Role.PLANNER,
    "POST /api/feedback": Role.PLANNER,
    "POST /api/predict/export": Role.PLANNER,
    "POST /api/training/start": Role.OPERATOR,
    "POST /api/models/rollback": Role.OPERATOR,
    "POST /api/models/{version}/activate": Role.OPERATOR,
    "DELETE /api/models/hold": Role.OPERATOR,
    "GET /api/logs/download": Role.OPERATOR,
    "POST /api/auth/users": Role.ADMIN,
    "DELETE /api/auth/keys/{key_id}": Role.ADMIN,
    "POST /api/auth/login": None,
}
"""Written by hand: what the table must say, whatever it says."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A running app whose jobs stay in their queue."""
    settings = load_settings(tmp_path_factory.mktemp("authorised"))
    made = create_app(settings)
    services_of(made).jobs = JobEngine(settings, may_own=False)
    with local_client(made):
        yield made


@pytest.fixture(scope="module")
def clients(app: FastAPI) -> dict[str, TestClient]:
    keys = {role.value: key_of(app, role) for role in Role}
    return {NOBODY: foreign_client(app)} | {name: foreign_client(app, key) for name, key in keys.items()}


@pytest.mark.parametrize("route", sorted(ROUTE_ROLES))
@pytest.mark.parametrize("who", IDENTITIES)
def test_a_route_is_open_to_its_role_and_those_above_and_to_nobody_else(
    clients: dict[str, TestClient], route: str, who: str
) -> None:
    method, path = route.split(" ")
    for placeholder, value in FILLED_IN.items():
        path = path.replace(placeholder, value)
    answer = clients[who].request(method, WITHOUT_END.get(path, path))
    is_problem = method != "HEAD" and answer.headers.get("content-type") == "application/problem+json"
    kind = answer.json()["type"] if is_problem else ""
    needed = ROUTE_ROLES[route]

    if needed is None or IDENTITIES.index(who) >= IDENTITIES.index(needed.value):
        assert answer.status_code not in {401, 403}
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
    elif who == NOBODY:
        assert (answer.status_code, kind) == (401, "urn:routing-ml:problem:not-identified")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    else:
        assert (answer.status_code, kind) == (403, "urn:routing-ml:problem:role-needed")
        assert (answer.json()["needed"], answer.json()["role"]) == (needed.value, who)


def test_the_table_has_every_route_and_nothing_else(app: FastAPI) -> None:
    assert routes_of(app) == set(ROUTE_ROLES)


def test_the_table_says_what_was_decided() -> None:
    assert {route: ROUTE_ROLES[route] for route in EXPECTED} == EXPECTED


def test_what_everybody_may_do_is_little() -> None:
    public = {route for route, role in ROUTE_ROLES.items() if role is None}
    files = {"GET /docs", "GET /docs/assets/{name}", "GET /openapi.json", "HEAD /openapi.json"}
    assert public == {"GET /health", "POST /api/auth/login", "GET /{path:path}", "HEAD /{path:path}"} | files


def test_an_app_with_a_route_that_nobody_declared_does_not_start() -> None:
    made = FastAPI()
    made.add_api_route("/api/surprise", lambda: None, methods=["PUT"])
    with pytest.raises(UndeclaredRouteError, match="PUT /api/surprise"):
        check_every_route_has_a_role(made)
    mounted = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    mounted.mount("/files", FastAPI())
    with pytest.raises(UndeclaredRouteError, match="files"):
        check_every_route_has_a_role(mounted)


def test_a_stranger_learns_from_health_whether_all_is_well_and_nothing_more(clients: dict[str, TestClient]) -> None:
    assert clients[NOBODY].get("/health").json().keys() == {"status"}
    assert "reasons" in clients["viewer"].get("/health").json()


@pytest.mark.parametrize("key", ["rml_000000000000_" + "x" * 43, "rml_", "x", ""])
def test_a_wrong_key_is_refused_even_from_this_machine(app: FastAPI, key: str) -> None:
    answer = local_client(app).get("/api/models", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_a_key_with_another_ones_secret_is_refused(app: FastAPI) -> None:
    one, other = (key_of(app, Role.VIEWER, name) for name in ("one", "other"))
    assert foreign_client(app, one).get("/api/models").status_code == 200
    mixed = one[:17] + other[17:]
    assert mixed != one
    assert foreign_client(app, mixed).get("/api/models").status_code == 401


def test_while_one_request_waits_to_be_noted_others_are_served(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (key_of(app, Role.VIEWER, name) for name in ("waiting", "served"))
    waits, goes_on = Event(), Event()

    def note_in_a_database_that_takes_no_writes(*_: object) -> None:
        assert not waits.is_set(), "one request waits already"
        waits.set()
        goes_on.wait(timeout=60)

    monkeypatch.setattr("backend.api.access.note_use", note_in_a_database_that_takes_no_writes)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(foreign_client(app, first).get, "/api/models")
        assert waits.wait(timeout=60)
        assert foreign_client(app, second).get("/api/models").status_code == 200
        assert not waiting.done()
        goes_on.set()
        assert waiting.result().status_code == 200


def test_once_there_are_credentials_a_local_request_is_an_operators(
    app: FastAPI, clients: dict[str, TestClient]
) -> None:
    local = local_client(app)
    me = local.get("/api/auth/me").json()
    assert (me["name"], me["role"], me["how"], me["credentials_exist"]) == ("local", "operator", "local", True)
    assert local.get("/api/logs").status_code == 200
    assert local.get("/api/auth/users").json()["needed"] == "admin"
    assert clients["viewer"].get("/api/auth/me").json()["name"] == "key test-viewer"


def test_local_trust_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/iter_training.yaml").write_text("security:\n  local_trust: off\n", encoding="utf-8")
    app = create_app(load_settings(tmp_path))
    services_of(app).jobs = JobEngine(load_settings(tmp_path), may_own=False)
    with local_client(app) as local:
        assert local.get("/api/auth/me").json()["role"] == "admin", "nobody has credentials yet"
        key = local.post("/api/auth/keys", json={"name": "first", "role": "admin"}).json()["text"]
        assert local.get("/api/models").status_code == 401
        assert foreign_client(app, key).get("/api/auth/me").json()["role"] == "admin"


def test_before_there_are_credentials_only_local_requests_are_served_and_they_may_do_all(tmp_path: Path) -> None:
    app = create_app(load_settings(tmp_path))
    services_of(app).jobs = JobEngine(load_settings(tmp_path), may_own=False)
    with local_client(app) as local:
        stranger = foreign_client(app)
        me = local.get("/api/auth/me").json()
        assert (me["name"], me["role"], me["credentials_exist"]) == ("local", "admin", False)
        for path in ("/api/models", "/api/auth/me", "/metrics"):
            answer = stranger.get(path)
            assert answer.status_code == 403
            assert "routing-ml users add NAME --role admin" in answer.json()["detail"]
        login = stranger.post("/api/auth/login", json={"user": "kim", "password": "guess"})
        assert login.json()["type"].endswith("protected-mode")
        assert stranger.get("/health").json().keys() == {"status"}
        assert stranger.get("/").status_code == 200


def test_two_apps_on_one_state_database_know_the_same_keys(tmp_path: Path) -> None:
    settings, clock = load_settings(tmp_path), MovingClock()
    first, second = create_app(settings, clock), create_app(settings, clock)
    for app in (first, second):
        services_of(app).jobs = JobEngine(settings, may_own=False)
    with local_client(first) as one, local_client(second):
        admin = foreign_client(first, one.post("/api/auth/keys", json={"name": "a", "role": "admin"}).json()["text"])
        made = admin.post("/api/auth/keys", json={"name": "erp", "role": "planner"}).json()
        other = foreign_client(second, made["text"])
        assert other.get("/api/auth/me").json()["name"] == "key erp"
        assert admin.delete(f"/api/auth/keys/{made['key']['key_id']}").status_code == 200
        clock.pass_by(seconds=2)
        assert other.get("/api/auth/me").status_code == 401


def test_a_second_authorization_header_is_refused_and_not_ignored(app: FastAPI) -> None:
    header = ("Authorization", f"Bearer {key_of(app, Role.VIEWER, 'twice')}")
    client = foreign_client(app)
    assert client.get("/api/models", headers=[header]).status_code == 200
    refused = client.get("/api/models", headers=[header, ("Authorization", "Bearer another")])
    assert refused.status_code == 401
    assert "more than one Authorization header" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("host", "has_key", "warns"),
    [
        ("0.0.0.0", False, True),  # noqa: S104 - the default address, whose warning this is about
        ("0.0.0.0", True, False),  # noqa: S104 - as above
        ("127.0.0.1", False, False),
        ("localhost", False, False),
        ("::1", False, False),
    ],
)
def test_a_server_for_other_machines_that_nobody_can_log_in_to_says_so_and_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    host: str,
    *,
    has_key: bool,
    warns: bool,
) -> None:
    monkeypatch.setenv("API_HOST", host)
    made = create_app(load_settings(tmp_path))
    services = services_of(made)
    services.jobs = JobEngine(load_settings(tmp_path), may_own=False)
    if has_key:
        migrate_state(load_settings(tmp_path))
        add_key(services.state, "early", Role.VIEWER, services.clock(), actor="test")
    with local_client(made):
        services.wait_for_state()
    told = [record.getMessage() for record in caplog.records if "no user and no key" in record.getMessage()]
    assert len(told) == int(warns)
    assert all("routing-ml users add NAME --role admin" in line and "API_HOST" in line for line in told)
