"""Logging in and out, passwords, users, and what the audit trail keeps of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.app import create_app
from backend.domain.access import Role
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
from backend.state.users import remove_user
from tests.backend.api.asking import PASSWORD, MovingClock, foreign_client, key_of, log_in, user_of
from tests.backend.api.conftest import local_client, services_of


@pytest.fixture(scope="module")
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, clock: MovingClock) -> Iterator[FastAPI]:
    settings = load_settings(tmp_path_factory.mktemp("logins"))
    made = create_app(settings, clock)
    services_of(made).jobs = JobEngine(settings, may_own=False)
    with local_client(made):
        user_of(made, "boss", Role.ADMIN)
        yield made


@pytest.fixture
def admin(app: FastAPI) -> TestClient:
    client = foreign_client(app)
    log_in(client, "boss")
    return client


@pytest.fixture
def kim(app: FastAPI, admin: TestClient) -> Iterator[str]:
    """The name of a planner."""
    made = admin.post("/api/auth/users", json={"name": "Kim", "password": PASSWORD, "role": "planner"})
    assert made.status_code == 201, made.text
    yield "kim"
    remove_user(services_of(app).state, "kim", actor="test")
    services_of(app).access.forget()


def audit(admin: TestClient, action: str) -> dict[str, Any]:
    """The newest entry of an action."""
    newest: dict[str, Any] = admin.get("/api/audit", params={"action": action, "limit": 1}).json()["entries"][0]
    return newest


def test_a_login_gives_a_cookie_that_neither_scripts_nor_other_sites_can_use(app: FastAPI, kim: str) -> None:
    client = foreign_client(app)
    answer = client.post("/api/auth/login", json={"user": " KIM ", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("routing_ml=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    me = client.get("/api/auth/me").json()
    assert (me["name"], me["role"], me["how"]) == (kim, "planner", "session")
    assert me["csrf_token"] == answer.json()["csrf_token"]


def test_a_new_login_in_a_browser_ends_the_one_before(app: FastAPI, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    before = client.cookies["routing_ml"]
    other = foreign_client(app)
    other.cookies.set("routing_ml", before)
    assert other.get("/api/auth/me").status_code == 200

    log_in(client, "boss")
    assert client.get("/api/auth/me").json()["name"] == "boss"
    assert other.get("/api/auth/me").status_code == 401


def test_under_tls_the_cookie_is_kept_to_tls_and_to_this_host(app: FastAPI, kim: str) -> None:
    client = TestClient(app, base_url="https://plant.example", client=("10.0.0.9", 50000))
    cookie = client.post("/api/auth/login", json={"user": kim, "password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("__Host-routing_ml=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert client.get("/api/auth/me").status_code == 200
    plain = client.cookies["__Host-routing_ml"]
    other = foreign_client(app)
    other.cookies.set("__Host-routing_ml", plain)
    assert other.get("/api/auth/me").status_code == 401, "without TLS that name is nobody's"


def test_a_change_with_a_session_needs_its_token_and_reading_does_not(app: FastAPI, kim: str) -> None:
    client = foreign_client(app)
    token = log_in(client, kim)
    del client.headers["X-CSRF-Token"]
    assert client.get("/api/models").status_code == 200
    for wrong in (None, "", "x", token[:-1], "é"):
        headers = {} if wrong is None else {"X-CSRF-Token": wrong.encode()}
        refused = client.post("/api/predict", json={}, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:routing-ml:problem:missing-csrf-token")
    assert client.post("/api/predict", json={}, headers={"X-CSRF-Token": token}).status_code == 422


@pytest.mark.parametrize(("user", "password"), [("kim", "wrong"), ("nobody", PASSWORD), ("kim", PASSWORD + " ")])
def test_a_refused_login_does_not_say_what_was_wrong(app: FastAPI, kim: str, user: str, password: str) -> None:
    client = foreign_client(app, host="10.0.1.1")
    answer = client.post("/api/auth/login", json={"user": user, "password": password})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert answer.json()["detail"] == "user and password do not belong together, or the user may not log in"
    assert kim


def test_too_many_failures_of_a_user_from_one_place_have_to_wait_and_others_do_not(
    app: FastAPI, clock: MovingClock, kim: str
) -> None:
    guessing = foreign_client(app, host="10.0.2.1")
    for _ in range(5):
        assert guessing.post("/api/auth/login", json={"user": kim, "password": "guess"}).status_code == 401
        clock.pass_by(minutes=1)
    answer = guessing.post("/api/auth/login", json={"user": kim, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(answer.json()["retry_after_seconds"]) == "600"

    log_in(foreign_client(app, host="10.0.2.2"), kim)
    log_in(foreign_client(app, host="10.0.2.1"), "boss")
    clock.pass_by(minutes=10)
    log_in(guessing, kim)


def test_one_place_cannot_try_many_users(app: FastAPI, kim: str) -> None:
    guessing = foreign_client(app, host="2001:db8::1")
    statuses = [
        guessing.post("/api/auth/login", json={"user": f"user{number}", "password": "guess"}).status_code
        for number in range(21)
    ]
    assert statuses == [401] * 20 + [429]
    neighbour = foreign_client(app, host="2001:db8::2")
    assert neighbour.post("/api/auth/login", json={"user": kim, "password": PASSWORD}).status_code == 429
    log_in(foreign_client(app, host="2001:db8:0:1::1"), kim)


def test_a_session_ends_after_twelve_idle_hours_and_says_so_to_the_browser(
    app: FastAPI, clock: MovingClock, kim: str
) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    for _ in range(3):
        clock.pass_by(hours=11, minutes=59)
        assert client.get("/api/auth/me").status_code == 200
    clock.pass_by(hours=12)
    over = client.get("/api/auth/me")
    assert over.status_code == 401
    assert over.headers["set-cookie"].startswith('routing_ml="";')
    assert client.cookies.get("routing_ml") is None


def test_a_session_ends_after_seven_days_however_busy(app: FastAPI, clock: MovingClock, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    for _ in range(27):
        clock.pass_by(hours=6)
        assert client.get("/api/auth/me").status_code == 200
    clock.pass_by(hours=6)
    assert client.get("/api/auth/me").status_code == 401


def test_a_session_that_is_over_is_never_taken_for_a_local_request(app: FastAPI) -> None:
    client = local_client(app)
    client.cookies.set("routing_ml", "of long ago")
    assert client.get("/api/models").status_code == 401
    client.cookies.clear()
    assert client.get("/api/auth/me").json()["how"] == "local"


def test_logging_out_ends_the_session_at_once(app: FastAPI, admin: TestClient, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    stolen = client.cookies["routing_ml"]
    assert client.post("/api/auth/logout").status_code == 204
    thief = foreign_client(app)
    thief.cookies.set("routing_ml", stolen)
    assert thief.get("/api/auth/me").status_code == 401
    assert audit(admin, "session.logout")["actor"] == kim


def test_a_disabled_user_is_out_within_two_seconds_and_cannot_come_back(
    app: FastAPI, admin: TestClient, clock: MovingClock, kim: str
) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    assert admin.patch(f"/api/auth/users/{kim}", json={"disabled": True}).json()["disabled"] is True
    assert client.get("/api/models").status_code == 401
    assert client.post("/api/auth/login", json={"user": kim, "password": PASSWORD}).status_code == 401
    admin.patch(f"/api/auth/users/{kim}", json={"disabled": False})
    log_in(client, kim)
    clock.pass_by(seconds=2)


def test_a_new_role_holds_from_the_next_moment_on(app: FastAPI, admin: TestClient, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    assert client.get("/api/logs").json()["needed"] == "operator"
    admin.patch(f"/api/auth/users/{kim}", json={"role": "operator"})
    assert client.get("/api/logs").status_code == 200
    told = audit(admin, "user.change")
    assert (told["actor"], told["subject"], told["details"]["role"]) == ("boss", kim, "operator")


def test_changing_ones_password_ends_ones_other_sessions(app: FastAPI, kim: str) -> None:
    here, there = foreign_client(app), foreign_client(app)
    log_in(here, kim)
    log_in(there, kim)
    new = "another long password"
    wrong = here.put("/api/auth/password", json={"password": "wrong", "new_password": new})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "urn:routing-ml:problem:wrong-login")
    weak = here.put("/api/auth/password", json={"password": PASSWORD, "new_password": "short"})
    assert (weak.status_code, weak.json()["type"]) == (422, "urn:routing-ml:problem:weak-password")
    assert here.put("/api/auth/password", json={"password": PASSWORD, "new_password": new}).status_code == 204
    assert here.get("/api/auth/me").status_code == 200
    assert there.get("/api/auth/me").status_code == 401
    log_in(there, kim, new)


def test_a_password_that_an_admin_sets_ends_all_sessions(app: FastAPI, admin: TestClient, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    admin.patch(f"/api/auth/users/{kim}", json={"password": "given by the boss"})
    assert client.get("/api/auth/me").status_code == 401
    log_in(client, kim, "given by the boss")


def test_the_last_admin_stays(app: FastAPI, admin: TestClient) -> None:
    for change in ({"role": "operator"}, {"disabled": True}):
        answer = admin.patch("/api/auth/users/boss", json=change)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:routing-ml:problem:last-admin")
    assert admin.delete("/api/auth/users/boss").status_code == 409
    user_of(app, "deputy", Role.ADMIN)
    assert admin.delete("/api/auth/users/deputy").status_code == 204


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"name": "local", "password": PASSWORD, "role": "viewer"}, "refused-name"),
        ({"name": "key x", "password": PASSWORD, "role": "viewer"}, "refused-name"),
        ({"name": "<img>", "password": PASSWORD, "role": "viewer"}, "refused-name"),
        ({"name": "lee", "password": "lee lee lee", "role": "viewer"}, "weak-password"),
        ({"name": "lee", "password": "aaaaaaaaaaaaaaaa", "role": "viewer"}, "weak-password"),
        ({"name": "lee", "password": PASSWORD, "role": "god"}, "invalid-input"),
        ({"name": "BOSS", "password": PASSWORD, "role": "viewer"}, "user-exists"),
    ],
)
def test_a_user_that_cannot_be_is_refused(admin: TestClient, body: dict[str, str], kind: str) -> None:
    answer = admin.post("/api/auth/users", json=body)
    assert answer.json()["type"] == f"urn:routing-ml:problem:{kind}"
    assert body["password"] not in answer.text


def test_a_revoked_key_is_refused_and_its_use_was_noted(app: FastAPI, admin: TestClient, clock: MovingClock) -> None:
    made = admin.post("/api/auth/keys", json={"name": "erp", "role": "planner"}).json()
    client = foreign_client(app, made["text"])
    assert client.get("/api/models").status_code == 200
    (shown,) = (key for key in admin.get("/api/auth/keys").json()["keys"] if key["name"] == "erp")
    assert shown["last_used_at"] == clock.now.isoformat() + "Z"
    assert made["text"] not in admin.get("/api/auth/keys").text
    assert admin.delete(f"/api/auth/keys/{shown['key_id']}").json()["revoked_at"] is not None
    assert client.get("/api/models").status_code == 401
    again = admin.post("/api/auth/keys", json={"name": "erp", "role": "viewer"})
    assert again.json()["type"] == "urn:routing-ml:problem:key-name-taken"


def test_decisions_and_jobs_are_kept_with_who_made_them(app: FastAPI, admin: TestClient, kim: str) -> None:
    client = foreign_client(app)
    log_in(client, kim)
    operation = {
        "sequence": 10,
        "operation_code": "OP10",
        "operation_name": "선삭",
        "work_centre": "WC-T01",
        "in_house": True,
        "setup_minutes": 25,
        "run_minutes_per_unit": 4.2,
    }
    decision = {
        "item_code": "A-1",
        "model_version": "version_20251022T140000Z_g000017",
        "decision": "accepted",
        "proposed": [operation],
        "decided": [operation],
    }
    assert client.post("/api/feedback", json=decision | {"planner": "somebody else"}).json()["planner"] == kim
    program = foreign_client(app, key_of(app, Role.PLANNER, "mes"))
    assert program.post("/api/feedback", json=decision | {"planner": "lee"}).json()["planner"] == "lee"
    assert program.post("/api/feedback", json=decision).json()["planner"] == "key mes"

    started = admin.post("/api/training/refresh").json()["job_id"]
    assert (audit(admin, "job.start")["actor"], audit(admin, "job.start")["subject"]) == ("boss", started)
    admin.delete(f"/api/training/jobs/{started}")
    assert audit(admin, "job.cancel")["subject"] == started
    kinds = {one["action"] for one in admin.get("/api/audit", params={"action": "job."}).json()["entries"]}
    assert kinds == {"job.start", "job.cancel"}


def test_a_key_or_a_local_request_has_no_session_to_end(app: FastAPI) -> None:
    program = foreign_client(app, key_of(app, Role.VIEWER, "reader"))
    assert program.post("/api/auth/logout").status_code == 409
    change = {"password": PASSWORD, "new_password": PASSWORD}
    assert program.put("/api/auth/password", json=change).json()["type"].endswith("only-sessions")
