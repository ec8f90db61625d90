from typing import Any

import pytest
from fastapi.testclient import TestClient

OPERATION = {
    "sequence": 10,
    "operation_code": "OP10",
    "operation_name": "선삭",
    "work_centre": "WC-T01",
    "in_house": True,
    "setup_minutes": 25,
    "run_minutes_per_unit": 4.2,
}
SLOWER = OPERATION | {"run_minutes_per_unit": 5.0}
DECISION = {
    "item_code": "A/1 <img onerror>",
    "model_version": "version_20251022T140000Z_g000017",
    "decision": "edited",
    "proposed": [OPERATION],
    "decided": [SLOWER],
    "planner": "김계획",
}


def decide(client: TestClient, **changed: Any) -> dict[str, Any]:
    answer = client.post("/api/feedback", json=DECISION | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_decision_is_answered_with_what_was_changed_and_listed_newest_first(client: TestClient) -> None:
    first = decide(client)
    second = decide(client, decision="accepted", decided=[OPERATION])
    listed = client.get("/api/feedback", params={"item_code": DECISION["item_code"]}).json()["feedback"]

    assert first["changes"] == [
        {
            "kind": "changed",
            "operation_code": "OP10",
            "proposed_place": 1,
            "decided_place": 1,
            "fields": [{"field": "run_minutes_per_unit", "proposed": 4.2, "decided": 5.0}],
        }
    ]
    assert first["created_at"].endswith("Z")
    assert listed == [second, first]
    older = client.get("/api/feedback", params={"before": second["feedback_id"], "limit": 1}).json()["feedback"]
    assert older == [first]


def test_the_newest_decisions_of_a_list_are_told_and_undecided_items_left_out(client: TestClient) -> None:
    decide(client, item_code="LISTED")
    second = decide(client, item_code="LISTED", decision="accepted", decided=[OPERATION])
    found = client.post("/api/feedback/newest", json={"item_codes": ["LISTED", "UNDECIDED"]}).json()

    assert found["feedback"] == [second]
    assert client.post("/api/feedback/newest", json={"item_codes": []}).status_code == 422


def test_agreement_is_told_with_its_counts(client: TestClient) -> None:
    decide(client, item_code="AGREED", decision="accepted", decided=[OPERATION])
    found = client.get("/api/feedback/agreement", params={"days": 7}).json()

    assert found["decisions"] == found["accepted"] + found["edited"] > 0
    assert found["accepted_share"] == round(found["accepted"] / found["decisions"], 4)


@pytest.mark.parametrize(
    "changed",
    [
        {"item_code": None},
        {"decision": "liked"},
        {"proposed": []},
        {"decided": [OPERATION | {"run_range": 1}]},
        {"decided": [OPERATION | {"setup_minutes": -1}]},
        {"decided": [OPERATION | {"in_house": "Y"}]},
        {"decided": [OPERATION | {"operation_code": " "}]},
        {"decided": [SLOWER] * 201},
        {"model_version": "secret"},
        {"planner": "a\nb"},
        {"note": "a\x00b"},
        {"surprise": 1},
    ],
)
def test_a_decision_of_another_form_is_refused(client: TestClient, changed: dict[str, Any]) -> None:
    answer = client.post("/api/feedback", json=DECISION | changed)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:routing-ml:problem:invalid-input")
    assert "secret" not in answer.text


def test_accepting_what_was_changed_is_a_problem_that_says_what_to_send(client: TestClient) -> None:
    answer = client.post("/api/feedback", json=DECISION | {"decision": "accepted"})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:routing-ml:problem:decision-mismatch")
    assert answer.json()["changes"] == 1
    assert "edited" in answer.json()["detail"]


def test_an_item_without_a_code_is_kept_by_its_attributes(client: TestClient) -> None:
    kept = decide(client, item_code=None, attributes={"SIZE": 5.5, "KIND": "링", "NAME": None})

    assert kept["item_code"] is None
    assert client.get("/api/feedback?limit=1").json()["feedback"][0]["attributes"] == {
        "SIZE": 5.5,
        "KIND": "링",
        "NAME": None,
    }
