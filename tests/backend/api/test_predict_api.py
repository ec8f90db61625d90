import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.api.schemas.prediction import PredictResponse

OpenClient = Callable[[Path], TestClient]


pytestmark = pytest.mark.slow


def predict(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/predict", json=body)
    assert answer.status_code == 200, answer.text
    PredictResponse.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def test_known_items_get_routings_with_ranges_and_evidence_in_the_order_asked(model_client: TestClient) -> None:
    answer = predict(model_client, item_codes=["ITEM002", "ITEM001", "ITEM002"], quantity=10)
    best = answer["predictions"][0]["candidates"][0]

    assert [one["item_code"] for one in answer["predictions"]] == ["ITEM002", "ITEM001", "ITEM002"]
    assert answer["model_version"].startswith("version_")
    assert answer["data_cutoff"].endswith("Z")
    assert answer["predictions"][0]["similar_items"]
    for operation in best["operations"]:
        lot = operation["setup_minutes"] + 10 * operation["run_minutes_per_unit"]
        assert math.isclose(operation["lot_minutes"], lot, rel_tol=1e-6)
        assert operation["lot_range"]["low"] <= operation["lot_minutes"] <= operation["lot_range"]["high"]


def test_an_unknown_code_is_told_beside_good_answers(model_client: TestClient) -> None:
    answer = predict(model_client, item_codes=["ITEM001", "NO-SUCH-ITEM"])

    assert answer["predictions"][0]["candidates"]
    assert answer["predictions"][1]["status"] == "not_found"


def test_an_item_that_the_erp_does_not_know_is_predicted_from_attributes(model_client: TestClient) -> None:
    row = model_client.get("/api/items?search=ITEM001").json()["items"][0]
    attributes = {name: value for name, value in row.items() if name not in {"item_code", "created_at"}}
    answer = predict(model_client, items=[{"attributes": attributes, "quantity": 5}], candidates=1, evidence=False)
    (prediction,) = answer["predictions"]

    assert (prediction["item_code"], prediction["quantity"]) == (None, 5)
    assert len(prediction["candidates"]) == 1
    assert prediction["similar_items"] == []


def test_a_thousand_items_fit_into_one_request_and_are_answered_in_order(model_client: TestClient) -> None:
    codes = [f"ITEM{number % 7 + 1:03d}" for number in range(1000)]
    predictions = predict(model_client, item_codes=codes, evidence=False)["predictions"]
    alone = {code: predict(model_client, item_codes=[code], evidence=False)["predictions"][0] for code in set(codes)}

    assert predictions == [alone[code] for code in codes]


def test_how_items_fared_is_counted(model_client: TestClient) -> None:
    predict(model_client, item_codes=["NO-SUCH-ITEM"])

    assert 'routing_ml_predicted_items_total{status="not_found"}' in model_client.get("/metrics").text


def test_an_installation_with_a_model_is_healthy(model_client: TestClient) -> None:
    assert model_client.get("/health").json()["status"] == "healthy"


def test_without_a_model_the_answer_says_which_command_makes_one(tmp_path: Path, open_client: OpenClient) -> None:
    answer = open_client(tmp_path).post("/api/predict", json={"item_codes": ["ITEM001"]})

    assert answer.status_code == 503
    assert "routing-ml" in answer.json()["detail"]


def test_items_are_found_by_part_of_their_code(model_client: TestClient) -> None:
    found = model_client.get("/api/items", params={"search": "ITEM00", "limit": 3}).json()["items"]

    assert len(found) == 3
    assert all("ITEM00" in item["item_code"] for item in found)


def test_rolling_back_and_activating_change_who_answers(model_client: TestClient) -> None:
    first, second = (one["version"] for one in reversed(model_client.get("/api/models").json()["versions"]))
    rolled_back = model_client.post("/api/models/rollback")

    assert rolled_back.status_code == 200
    assert rolled_back.json()["version"] == first
    assert predict(model_client, item_codes=["ITEM001"])["model_version"] == first
    assert model_client.post("/api/models/rollback").status_code == 409

    again = model_client.post(f"/api/models/{second}/activate", json={"reason": "it was better after all"})
    listed = model_client.get("/api/models").json()

    assert again.json()["version"] == second
    assert (listed["active_version"], listed["previous_version"]) == (second, first)
    assert [one["version"] for one in listed["versions"] if one["active"]] == [second]
    assert predict(model_client, item_codes=["ITEM001"])["model_version"] == second
