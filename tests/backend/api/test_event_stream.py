"""A stream goes on only for as long as who follows it may."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import anyio
from fastapi import FastAPI, Request
from sse_starlette import ServerSentEvent

from backend.api.app import create_app
from backend.api.event_stream import CHECK_SECONDS, event, while_allowed
from backend.domain.access import Role
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
from backend.state.api_keys import list_keys, revoke_key
from tests.backend.api.asking import MADE_AT, key_of
from tests.backend.api.conftest import local_client, services_of


def test_a_stream_ends_once_its_key_is_revoked(tmp_path: Path) -> None:
    app = create_app(load_settings(tmp_path))
    services_of(app).jobs = JobEngine(load_settings(tmp_path), may_own=False)
    ticks = count(step=int(CHECK_SECONDS))

    async def followed(request: Request) -> list[str]:
        seen = []
        async for one in while_allowed(events(), request, lambda: next(ticks)):
            seen.append(str(one.data))
            if one.data == "2":
                revoke_key(services_of(app).state, list_keys(services_of(app).state)[0].key_id, MADE_AT, actor="test")
                services_of(app).access.forget()  # as a second later
        return seen

    with local_client(app):
        assert anyio.run(followed, request_with(app, key_of(app, Role.OPERATOR))) == ["0", "1", "2"]


async def events() -> AsyncIterator[ServerSentEvent]:
    for number in range(5):
        yield event("entry", str(number), number)


def request_with(app: FastAPI, key: str) -> Request:
    headers = [(b"authorization", f"Bearer {key}".encode())]
    route = SimpleNamespace(path="/api/logs/events")
    return Request({"type": "http", "method": "GET", "scheme": "http", "headers": headers, "app": app, "route": route})
