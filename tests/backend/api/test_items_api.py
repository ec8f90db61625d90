import unicodedata
from typing import Any

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.slow


def get(client: TestClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_erps_own_routings_come_in_the_order_asked_beside_codes_it_does_not_have(model_client: TestClient) -> None:
    answer = model_client.post("/api/items/routings", json={"item_codes": ["ITEM002", "NO/SUCH 품목", "ITEM001"]})
    body = answer.json()

    assert answer.status_code == 200
    assert [item["item_code"] for item in body["items"]] == ["ITEM002", "NO/SUCH 품목", "ITEM001"]
    assert [item["status"] for item in body["items"]] == ["ok", "not_found", "ok"]
    operations = body["items"][0]["routings"][0]["operations"]
    assert [op["sequence"] for op in operations] == sorted(op["sequence"] for op in operations)
    assert body["as_of"].endswith("Z")


@pytest.mark.parametrize(
    "body",
    [{}, {"item_codes": []}, {"item_codes": ["A"] * 1001}, {"item_codes": ["A\x00"]}, {"item_codes": ["A"], "more": 1}],
)
def test_a_question_for_routings_that_has_another_form_is_refused(
    model_client: TestClient, body: dict[str, Any]
) -> None:
    assert model_client.post("/api/items/routings", json=body).status_code == 422


def test_without_a_plant_the_routings_are_a_problem_that_names_the_remedy(client: TestClient) -> None:
    answer = client.post("/api/items/routings", json={"item_codes": ["SECRET-1"]})

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:routing-ml:problem:database-unavailable")
    assert "SECRET" not in answer.text


def test_a_form_can_be_built_from_the_attributes_and_their_usual_values(model_client: TestClient) -> None:
    attributes = {one["name"]: one for one in get(model_client, "/api/items/attributes", values=3)["attributes"]}
    part_type, diameter = attributes["PART_TYPE"], attributes["OUTDIAMETER"]

    assert part_type["label"] == {"ko": "부품 유형", "en": "Part type"}
    assert 0 < len(part_type["values"]) <= 3
    assert (diameter["kind"], diameter["unit"]) == ("numeric", "mm")
    assert diameter["numbers"]["minimum"] <= diameter["numbers"]["median"] <= diameter["numbers"]["maximum"]
    assert abs(sum(one["weight"] for one in attributes.values())) <= 1.001


def test_values_are_suggested_while_a_person_types(model_client: TestClient) -> None:
    value = get(model_client, "/api/items/attributes", name="PART_TYPE")["attributes"][0]["values"][-1]["value"]
    found = get(model_client, "/api/items/attributes", name="PART_TYPE", search=value.lower()[:2])["attributes"]

    assert value in [one["value"] for one in found[0]["values"]]
    assert get(model_client, "/api/items/attributes", name="NO_SUCH")["attributes"] == []


def test_an_item_can_be_copied_and_changed_in_one_attribute(model_client: TestClient) -> None:
    item = get(model_client, "/api/items/item", item_code=" ITEM001 ")
    changed = item["attributes"] | {"OUTDIAMETER": 250.0}
    bodies = [{"items": [{"attributes": attributes}]} for attributes in (item["attributes"], changed)]
    answers = [model_client.post("/api/predict", json=body).json()["predictions"][0] for body in bodies]

    assert item["item_code"] == "ITEM001"
    assert item["created_at"].endswith("Z")
    assert [answer["status"] in {"ok", "low_evidence"} for answer in answers] == [True, True], answers
    assert answers[0]["candidates"][0]["operations"] != answers[1]["candidates"][0]["operations"]


def test_an_item_that_the_plant_does_not_have_is_a_problem_that_does_not_repeat_it(model_client: TestClient) -> None:
    answer = model_client.get("/api/items/item", params={"item_code": "A/품목 1"})

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:routing-ml:problem:unknown-item")
    assert "품목" not in answer.json()["detail"]
    assert model_client.get("/api/items/item").status_code == 422


def test_codes_that_are_sent_taken_apart_are_read_composed(model_client: TestClient) -> None:
    code = unicodedata.normalize("NFD", "한글-1")
    answer = model_client.post("/api/items/routings", json={"item_codes": [code]}).json()

    assert answer["items"][0]["item_code"] == "한글-1"
