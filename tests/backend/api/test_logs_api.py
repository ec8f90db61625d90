import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sse_starlette import ServerSentEvent

from backend.api.log_events import LogEvents
from backend.api.schemas.logs import LogEntryView, LogPageView
from backend.monitoring.log_entries import LogFilter
from backend.monitoring.log_history import LogHistory, LogPosition

OpenClient = Callable[[Path], TestClient]

LINES = (
    "2026-03-01T12:00:00.000Z INFO routing_ml.quality [-] cycle_started cycle_id=cycle_1\n",
    "2026-03-01T12:00:01.000Z ERROR routing_ml.quality [-] <img onerror=x>\n  | Traceback\n  | ValueError: x\n",
    "2026-03-01T12:00:02.000Z WARNING routing_ml.quality [-] threshold_breached mae\n",
)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient) -> tuple[TestClient, Path]:
    """An installation whose quality log has three entries."""
    root = tmp_path_factory.mktemp("logged")
    path = root / "logs/performance/performance.quality.log"
    path.parent.mkdir(parents=True)
    path.write_text("".join(LINES), encoding="utf-8")
    return open_client(root), path


def page(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/api/logs", params={"source": "quality"} | parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_entries_come_newest_first_and_page_back(logged: tuple[TestClient, Path]) -> None:
    client, _ = logged
    first = page(client, limit=2)
    second = page(client, limit=2, before=first["next"])

    assert [one["level"] for one in first["entries"]] == ["WARNING", "ERROR"]
    assert first["ended_by"] == "limit"
    assert first["entries"][1]["message"] == "<img onerror=x>"
    assert first["entries"][1]["detail"] == "Traceback\nValueError: x"
    assert [one["time"] for one in second["entries"]] == ["2026-03-01T12:00:00Z"]
    assert (second["ended_by"], second["next"], second["follow_from"]) == ("start_of_log", None, None)


def test_entries_are_filtered_and_times_may_have_an_offset(logged: tuple[TestClient, Path]) -> None:
    client, _ = logged

    assert len(page(client, level="WARNING")["entries"]) == 2
    assert [one["level"] for one in page(client, text="valueERROR")["entries"]] == ["ERROR"]
    assert [one["level"] for one in page(client, since="2026-03-01T21:00:02+09:00")["entries"]] == ["WARNING"]
    assert page(client, until="2026-03-01T12:00:00Z")["entries"] == []


def test_the_servers_own_lines_are_there_under_their_request_id(logged: tuple[TestClient, Path]) -> None:
    client, _ = logged
    client.get("/api/models", headers={"X-Request-ID": "find-me"})
    (entry,) = page(client, source="app", text="find-me")["entries"]

    assert entry["message"].startswith("GET /api/models 200")
    assert entry["request_id"] == "find-me"
    assert page(client, source="server")["entries"] == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"source": "../../etc/passwd"},
        {"source": "app.log"},
        {"level": "LOUD"},
        {"before": "1"},
        {"before": "../../etc/passwd"},
        {"limit": 0},
        {"limit": 1001},
        {"text": "x" * 201},
        {"since": "yesterday"},
    ],
)
def test_what_is_no_log_is_refused(logged: tuple[TestClient, Path], parameters: dict[str, Any]) -> None:
    assert logged[0].get("/api/logs", params=parameters).status_code == 422


@pytest.mark.parametrize("path", ["/api/logs/download", "/api/logs/events"])
def test_a_client_names_a_log_and_never_a_file(logged: tuple[TestClient, Path], path: str) -> None:
    assert logged[0].get(path, params={"source": "../state.db"}).status_code == 422


def test_a_log_is_downloaded_as_it_is(logged: tuple[TestClient, Path]) -> None:
    client, path = logged
    answer = client.get("/api/logs/download", params={"source": "quality"})

    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'attachment; filename="routing-ml_quality_' in answer.headers["content-disposition"]
    missing = client.get("/api/logs/download", params={"source": "server"})
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:routing-ml:problem:empty-log")


async def taken(events: AsyncIterator[ServerSentEvent], count: int) -> list[tuple[str, dict[str, Any]]]:
    found = []
    async for one in events:
        found.append((str(one.id), json.loads(str(one.data))))
        if len(found) == count:
            break
    return found


def test_new_entries_follow_a_page_and_the_stream_resumes_where_it_broke(logged: tuple[TestClient, Path]) -> None:
    client, path = logged
    start = LogPosition.parse(page(client)["follow_from"])
    assert start is not None

    async def follow() -> None:
        stream = LogEvents(LogHistory(path), LogFilter(level="INFO"), start).events()
        waiting = asyncio.create_task(taken(stream, 2))
        await asyncio.sleep(0)  # it looks before there is anything
        with path.open("a", encoding="utf-8") as file:
            file.write("2026-03-01T12:00:03.000Z DEBUG x [-] unwanted\n")
            file.write("2026-03-01T12:00:04.000Z INFO x [-] four\n2026-03-01T12:00:05.000Z INFO x [-] five\n")
        four, five = await asyncio.wait_for(waiting, 60)
        assert [four[1]["message"], five[1]["message"]] == ["four", "five"]
        resumed = LogEvents(LogHistory(path), LogFilter(), LogPosition.parse(four[0]) or start).events()
        (again,) = await asyncio.wait_for(taken(resumed, 1), 60)
        assert again == five
        assert page(client, limit=1)["entries"][0] == five[1]

    asyncio.run(follow())


def test_the_examples_have_the_answers_form() -> None:
    for schema in (LogEntryView, LogPageView):
        (example,) = schema.model_json_schema()["examples"]
        assert set(schema.model_validate(example).model_fields_set) == set(schema.model_fields)
