"""Clients of one app that come from elsewhere, with and without credentials."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.domain.access import Role
from backend.state.api_keys import add_key
from backend.state.passwords import hash_password
from backend.state.users import add_user
from tests.backend.api.conftest import services_of

ELSEWHERE = ("10.0.0.9", 50000)
PASSWORD = "correct horse battery"
MADE_AT = datetime(2026, 7, 1)  # noqa: DTZ001 - naive UTC, as everywhere inside


@dataclass
class MovingClock:
    """A clock that a test moves."""

    now: datetime = field(default=MADE_AT)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def foreign_client(app: FastAPI, key: str | None = None, host: str = ELSEWHERE[0]) -> TestClient:
    """A client of another machine; one that is served as long as the app is open."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return TestClient(
        app, base_url="http://plant.example", client=(host, 50000), headers=headers, raise_server_exceptions=False
    )


def key_of(app: FastAPI, role: Role, name: str | None = None) -> str:
    services = services_of(app)
    return add_key(services.wait_for_state(), name or f"test-{role.value}", role, services.clock(), actor="test")[1]


def user_of(app: FastAPI, name: str, role: Role) -> None:
    services = services_of(app)
    add_user(services.wait_for_state(), name, hash_password(PASSWORD, name), role, services.clock(), actor="test")


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> str:
    """Log in, and let the client send the token with its changes; returns the token."""
    answer = client.post("/api/auth/login", json={"user": name, "password": password})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["csrf_token"]
    client.headers["X-CSRF-Token"] = token
    return token
