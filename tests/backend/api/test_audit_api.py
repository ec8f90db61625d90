from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.schemas.audit import AuditList
from backend.domain.access import Role
from backend.state.audit import record_audit
from tests.backend.api.asking import foreign_client, key_of

OpenClient = Callable[[Path], TestClient]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient) -> TestClient:
    """An installation where three things were done."""
    client = open_client(tmp_path_factory.mktemp("audited"))
    state = cast(FastAPI, client.app).state.services.state
    deployed = {"reason": "better", "extra": {"promise": {"all": 1}, "code": "1.0.0"}}
    for action, details in (
        ("model.deploy", deployed),
        ("model.rollback", {"reason": "<img onerror>"}),
        ("model.deploy", deployed),
    ):
        record_audit(state, actor="test", action=action, subject="version_1", details=details)
    return client


def entries(client: TestClient, **parameters: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/audit", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def test_entries_come_newest_first_and_page_back(audited: TestClient) -> None:
    newest, *older = entries(audited)

    assert [one["action"] for one in (newest, *older)] == ["model.deploy", "model.rollback", "model.deploy"]
    assert newest["created_at"].endswith("Z")
    assert entries(audited, before=newest["audit_id"]) == older
    assert entries(audited, limit=1) == [newest]


def test_one_action_can_be_asked_for(audited: TestClient) -> None:
    (only,) = entries(audited, action="model.rollback")

    assert (only["actor"], only["subject"], only["details"]["reason"]) == ("test", "version_1", "<img onerror>")
    assert entries(audited, action="nothing.such") == []


def test_the_promised_level_stays_with_the_version(audited: TestClient) -> None:
    assert entries(audited)[0]["details"] == {"reason": "better", "extra": {"code": "1.0.0"}}


def test_who_logs_in_and_who_may_do_what_is_shown_to_admins_alone(
    tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient
) -> None:
    app = cast(FastAPI, open_client(tmp_path_factory.mktemp("access")).app)
    record_audit(app.state.services.state, actor="test", action="model.deploy", subject="version_1", details={})
    seen = {role: entries(foreign_client(app, key_of(app, role))) for role in (Role.OPERATOR, Role.ADMIN)}

    assert [one["action"] for one in seen[Role.ADMIN]] == ["key.add", "key.add", "model.deploy"]
    assert [one["action"] for one in seen[Role.OPERATOR]] == ["model.deploy"]


@pytest.mark.parametrize("parameters", [{"action": "a b"}, {"before": 0}, {"limit": 0}, {"before": "x"}])
def test_strange_questions_are_refused(audited: TestClient, parameters: dict[str, Any]) -> None:
    assert audited.get("/api/audit", params=parameters).status_code == 422


def test_the_example_has_the_answers_form() -> None:
    (example,) = AuditList.model_json_schema()["examples"]
    assert AuditList.model_validate(example).entries[0].actor == "kim"
