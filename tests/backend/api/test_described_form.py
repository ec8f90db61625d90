"""What the server takes is what its OpenAPI document says, found by schemathesis and held here."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.mark.parametrize(
    "address",
    ["/api/quality/history?before=0.5", "/api/quality/history?before=1764556800", "/api/logs?since=1e3&until=0"],
)
def test_a_moment_is_written_out_and_no_number(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 422
    assert "a date and time such as 2026-01-31T08:00:00Z" in answer.json()["errors"][0]["problem"]


def test_a_moment_may_have_an_offset_or_none(client: TestClient) -> None:
    for moment in ("2026-01-31T08:00:00", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00%2B09:00", "2026-01-31"):
        assert client.get(f"/api/quality/history?before={moment}").status_code == 200


@pytest.mark.parametrize("quantity", ["5e-324", "1e-300", "9.9e-7"])
def test_a_quantity_too_small_to_divide_by_is_refused(model_client: TestClient, quantity: str) -> None:
    body = f'{{"item_codes": ["ITEM001"], "quantity": {quantity}}}'
    answer = model_client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


def test_the_smallest_and_the_largest_quantity_make_numbers_only(model_client: TestClient, model_root: Path) -> None:
    assert model_root.exists()
    for quantity in (1e-6, 1e9):
        answer = model_client.post("/api/predict", json={"item_codes": ["ITEM001"], "quantity": quantity})
        operations = answer.json()["predictions"][0]["candidates"][0]["operations"]
        assert all(isinstance(operation["run_minutes_per_unit"], float) for operation in operations)
        assert "null" not in json.dumps([operation["run_range"] for operation in operations])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/api/auth/users", "GET, POST"),
        ("OPTIONS", "/api/auth/users/kim", "DELETE, PATCH"),
        ("PATCH", "/api/feedback", "GET, POST"),
        ("DELETE", "/api/config/iter_training", "GET, PUT"),
        ("GET", "/api/models/rollback", "POST"),
        ("PUT", "/api/models/rollback", "POST"),
        ("GET", "/api/models/hold", "DELETE"),
        ("OPTIONS", "/api/models/hold", "DELETE"),
        ("GET", "/api/predict", "POST"),
        ("HEAD", "/api/models", "GET"),
    ],
)
def test_a_405_names_all_methods_of_the_address(client: TestClient, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)

    assert (answer.status_code, answer.headers.get("allow")) == (405, allowed)


def test_what_a_password_needs_and_that_if_match_is_needed_stand_in_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    change = document["paths"]["/api/config/iter_training"]["put"]
    (header,) = [one for one in change["parameters"] if one["in"] == "header"]

    assert schemas["NewUser"]["properties"]["password"]["minLength"] == 12
    assert schemas["PasswordRequest"]["properties"]["new_password"]["minLength"] == 12
    assert len(schemas["NewUser"]["examples"][0]["password"]) >= 12
    assert header["required"] is True
    assert header["schema"]["type"] == "string"


def test_an_answer_without_content_names_no_type_of_it(client: TestClient) -> None:
    answer = client.delete("/api/models/hold")

    assert (answer.status_code, answer.headers.get("content-type")) == (204, None)
