import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.api.schemas.system import System
from backend.settings import load_settings
from backend.state.database import shown_state_name

OpenClient = Callable[[Path], TestClient]


def system(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/system")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def database(found: dict[str, Any], part: str) -> dict[str, Any]:
    return next(one for one in found["databases"] if one["part"] == part)


def test_what_serves_is_measured(model_client: TestClient) -> None:
    found = system(model_client)
    manifest = model_client.get("/api/models").json()

    assert found["process"]["pid"] == os.getpid()
    assert found["process"]["memory_bytes"] > 10_000_000
    assert datetime.fromisoformat(found["process"]["started_at"]) < datetime.now(UTC)
    assert [one["pid"] for one in found["workers"]] == [os.getpid()]
    assert found["machine"]["available_memory_bytes"] <= found["machine"]["memory_bytes"]
    assert [one["folder"] for one in found["disks"]] == ["models", "logs", "data"]
    assert all(0 <= one["free_bytes"] <= one["total_bytes"] for one in found["disks"])
    model = found["model"]
    assert model["version"] == model["active_version"] == manifest["active_version"]
    assert model["generation"] == manifest["generation"]
    assert 0 < model["load_seconds"] < 60
    assert model["loaded_at"].endswith("Z")


def test_databases_that_answer_are_named_without_this_machines_folders(
    model_client: TestClient, model_root: Path
) -> None:
    found = system(model_client)
    plant, state = database(found, "plant"), database(found, "state")

    assert (plant["kind"], plant["name"], plant["reachable"]) == ("sqlite", "data/plant.db", True)
    assert (state["kind"], state["name"], state["reachable"]) == ("sqlite", "data/state.db", True)
    assert plant["milliseconds"] >= 0
    assert str(model_root) not in str(found)


def test_an_installation_without_a_model_says_so_and_still_answers(client: TestClient) -> None:
    found = system(client)

    assert found["model"]["version"] is None
    assert found["model"]["load_seconds"] is None
    assert found["queues"] == [
        {"kind": kind, "waiting": 0, "running": 0, "max_size": 3} for kind in ("training", "evaluation", "refresh")
    ]
    assert found["quarantined_rows"] == 0


def test_a_database_away_is_told_without_its_password(
    tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:very-secret@127.0.0.1:1/erp")
    found = system(open_client(tmp_path))
    plant = database(found, "plant")

    assert plant["name"] == "postgresql+psycopg://127.0.0.1:1/erp"
    assert (plant["reachable"], plant["milliseconds"]) == (False, None)
    assert plant["problem"]
    assert "firewall" in plant["remedy"]
    assert "very-secret" not in str(found)


def test_a_state_database_elsewhere_is_named_without_user_and_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DATABASE_URL", "postgresql+psycopg://someone:very-secret@db/state")
    assert shown_state_name(load_settings(tmp_path)) == "postgresql+psycopg://db/state"


def test_the_example_has_the_answers_form() -> None:
    (example,) = System.model_json_schema()["examples"]
    assert set(System.model_validate(example).model_fields_set) == set(System.model_fields)
