from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.schemas.cycle_items import CycleItemList, ItemLots
from backend.monitoring.cycle_items import CycleItems, KeptItem, items_to_bytes
from backend.monitoring.cycles import store_cycle
from backend.monitoring.reports import items_file
from tests.backend.api.made_cycles import cycle

OpenClient = Callable[[Path], TestClient]


def part(operation: str, centre: str | None, error: float, operations: int = 1) -> dict[str, Any]:
    return {
        "operation_code": operation,
        "work_centre": centre,
        "operations": operations,
        "absolute_error_minutes": error,
        "predicted_minutes": 10.0,
        "actual_minutes": 10.0 + error,
    }


def item(code: str, part_type: str | None, match: float, *parts: dict[str, Any]) -> KeptItem:
    sums = ("operations", "absolute_error_minutes", "predicted_minutes", "actual_minutes")
    figures = {
        "item_code": code,
        "part_type": part_type,
        "history": "known",
        "lots": 1,
        **{name: sum(one[name] for one in parts) for name in sums},
        "routing_error_minutes": None,
        "process_match": match,
        "exact_match": 0.0,
        "parts": list(parts),
    }
    actual = {"operation_code": "CUT", "work_centre": None, "in_house": None, "minutes": None}
    lot = {
        "work_order_code": f"WO-{code}",
        "quantity": 5.0,
        "absolute_error_minutes": 0.0,
        "predicted_minutes": 0.0,
        "actual_minutes": None,
        "operations": [{"predicted": None, "actual": actual}],
    }
    return KeptItem(figures, [lot])


KEPT = (
    item("A/1", "링", 0.9, part("CUT", "W1", 9.0, 3), part("LAP", "W2", 1.0)),
    item("<img onerror>", "링", 0.2, part("CUT", "W2", 6.0)),
    item("C3", None, 1.0),
)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient) -> TestClient:
    """An installation with a cycle that keeps three items, and one of an earlier release that keeps none."""
    client = open_client(tmp_path_factory.mktemp("judged"))
    services = cast(FastAPI, client.app).state.services
    report = cycle("cycle_1", 1, 4.2)
    for one in (report, cycle("cycle_0", 2, 4.2)):
        store_cycle(services.state, one)
    path = items_file(services.settings.reports_dir, report.created_at, report.cycle_id)
    path.write_bytes(items_to_bytes(CycleItems(9, 3, 500, 5, 3, KEPT)))
    return client


def listed(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/api/quality/cycles/cycle_1/items", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [one["item_code"] for one in found["items"]]


def test_items_come_worst_first_with_how_many_are_kept(judged: TestClient) -> None:
    found = listed(judged)

    assert codes(found) == ["A/1", "<img onerror>", "C3"]
    assert (found["cycle_id"], found["judged_items"], found["kept_items"], found["found"]) == ("cycle_1", 9, 3, 3)
    assert (found["most_items"], found["of_a_segment"]) == (500, 5)
    assert [one["mae"] for one in found["items"]] == [2.5, 6.0, None]
    assert "parts" not in found["items"][0]


def test_items_are_sorted_searched_and_limited(judged: TestClient) -> None:
    assert codes(listed(judged, sort="mae")) == ["<img onerror>", "A/1", "C3"]
    assert codes(listed(judged, sort="process_match", limit=1)) == ["<img onerror>"]
    assert codes(listed(judged, search="a/")) == ["A/1"]
    assert listed(judged, limit=1)["found"] == 3


def test_a_segment_leads_to_its_items_and_their_figures_in_it(judged: TestClient) -> None:
    found = listed(judged, dimension="work_centre", value="W2")

    assert codes(found) == ["<img onerror>", "A/1"]
    assert [(one["operations"], one["absolute_error_minutes"], one["mae"]) for one in found["items"]] == [
        (1, 6.0, 6.0),
        (1, 1.0, 1.0),
    ]
    assert codes(listed(judged, dimension="operation", value="LAP")) == ["A/1"]
    assert codes(listed(judged, dimension="part_type", value="링")) == ["A/1", "<img onerror>"]
    assert codes(listed(judged, dimension="history", value="new")) == []


def test_an_item_leads_to_its_lots_predicted_against_actual(judged: TestClient) -> None:
    answer = judged.get("/api/quality/cycles/cycle_1/items/item", params={"item_code": "A/1"}).json()

    assert answer["item"] == listed(judged)["items"][0]
    assert answer["lots"] == KEPT[0].lots


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("cycle_9/items", "unknown-cycle"),
        ("cycle_0/items", "no-cycle-items"),
        ("cycle_9/items/item?item_code=A", "unknown-cycle"),
        ("cycle_0/items/item?item_code=A", "unkept-item"),
        ("cycle_1/items/item?item_code=secret", "unkept-item"),
    ],
)
def test_what_is_not_there_is_a_404(judged: TestClient, path: str, problem: str) -> None:
    answer = judged.get(f"/api/quality/cycles/{path}")

    assert (answer.status_code, answer.json()["type"]) == (404, f"urn:routing-ml:problem:{problem}")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "parameters",
    [{"dimension": "operation"}, {"value": "CUT"}, {"dimension": "plant", "value": "x"}, {"sort": "x"}, {"limit": 0},
     {"surprise": 1}],
)  # fmt: skip
def test_strange_questions_are_refused(judged: TestClient, parameters: dict[str, Any]) -> None:
    assert judged.get("/api/quality/cycles/cycle_1/items", params=parameters).status_code == 422
    assert judged.get("/api/quality/cycles/cycle_1/items/item").status_code == 422


@pytest.mark.parametrize("schema", [CycleItemList, ItemLots])
def test_the_example_has_the_answers_form(schema: type[CycleItemList]) -> None:
    (example,) = schema.model_json_schema()["examples"]
    assert set(schema.model_validate(example).model_fields_set) == set(schema.model_fields)
