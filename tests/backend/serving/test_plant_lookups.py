import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from backend._connection_pool import plant_name
from backend.domain.models import VersionRecord
from backend.domain.prediction import PredictionQuery, PredictionStatus
from backend.erp.embedded import replacing_plant, write_notes
from backend.errors import DatabaseUnavailableError
from backend.registry.store import ModelStore
from backend.serving import item_source
from backend.serving.plant_change import plant_change
from backend.serving.predictor import Predictor
from backend.settings import Settings, load_settings

START = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC
KNOWN = PredictionQuery("ITEM001")
NEW = PredictionQuery("NEW1")


@pytest.fixture(autouse=True)
def _a_model_is_active(store: ModelStore, bundles: list[Path]) -> None:
    store.promote(bundles[0], actor="test", reason="a test")


def statuses(predictor: Predictor, *queries: PredictionQuery) -> list[str]:
    return [prediction.status.value for prediction in predictor.predict(queries).predictions]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_known_items_never_touch_the_plant(predictor: Predictor, plant: Any) -> None:
    assert statuses(predictor, KNOWN, PredictionQuery("ITEM002")) == ["ok", "ok"]
    assert plant.asked == []


def test_all_unknown_codes_of_a_request_cost_one_query(predictor: Predictor, plant: Any) -> None:
    asked = [NEW, KNOWN, PredictionQuery("NEW2"), PredictionQuery("NOWHERE"), NEW]
    answer = predictor.predict(asked)
    assert plant.asked == [["NEW1", "NEW2", "NOWHERE"]]
    assert [prediction.item_code for prediction in answer.predictions] == [query.item_code for query in asked]
    found = [prediction.status for prediction in answer.predictions]
    assert found[3] is PredictionStatus.NOT_FOUND
    assert all(status in (PredictionStatus.OK, PredictionStatus.LOW_EVIDENCE) for status in found[:3] + found[4:])


def test_items_given_by_attributes_never_touch_the_plant(predictor: Predictor, plant: Any) -> None:
    assert statuses(predictor, PredictionQuery("X1", {"part_type": "GLAND", "diameter": 12.0})) in (
        ["ok"],
        ["low_evidence"],
    )
    plant.go_down()
    assert plant.asked == []


def test_with_the_plant_down_known_items_are_answered_as_stale_and_it_is_left_alone(
    predictor: Predictor, plant: Any, time_passing: Any
) -> None:
    plant.go_down()
    assert statuses(predictor, KNOWN, NEW) == ["stale", "source_unavailable"]
    calls = plant.checks + len(plant.asked)
    for _ in range(20):
        answer = predictor.predict([KNOWN, NEW])
    assert plant.checks + len(plant.asked) == calls
    assert answer.predictions[0].best is not None
    assert "cannot be reached" in answer.predictions[0].message
    health = predictor.health()
    assert health.status == "degraded"
    assert "python scripts/test_db_connection.py" in health.reasons[0]
    time_passing.now += item_source.REST_SECONDS - 1
    statuses(predictor, KNOWN)
    assert plant.checks + len(plant.asked) == calls


def test_a_plant_that_is_back_is_noticed_in_the_background(predictor: Predictor, plant: Any, time_passing: Any) -> None:
    plant.go_down()
    assert statuses(predictor, KNOWN) == ["stale"]
    plant.behave = lambda: None
    assert statuses(predictor, KNOWN, NEW) == ["stale", "source_unavailable"]
    time_passing.now += item_source.REST_SECONDS + 1
    wait_until(lambda: statuses(predictor, KNOWN) == ["ok"])
    assert statuses(predictor, NEW) in (["ok"], ["low_evidence"])
    assert predictor.health().status == "healthy"


def test_a_plant_that_goes_down_later_is_noticed_without_an_unknown_code(
    predictor: Predictor, plant: Any, time_passing: Any
) -> None:
    assert statuses(predictor, KNOWN) == ["ok"]
    plant.go_down()
    time_passing.now += item_source.REFRESH_SECONDS + 1
    wait_until(lambda: statuses(predictor, KNOWN) == ["stale"])


def test_a_lookup_that_fails_in_the_middle_costs_only_the_items_that_needed_it(
    predictor: Predictor, plant: Any
) -> None:
    assert statuses(predictor, KNOWN) == ["ok"]
    plant.go_down()
    assert statuses(predictor, NEW, KNOWN, PredictionQuery(attributes={"part_type": "GLAND", "diameter": 3.0}))[:2] == [
        "source_unavailable",
        "stale",
    ]


@pytest.mark.parametrize(
    "error", [ValueError("a row that makes no sense"), OSError(104, "reset"), RuntimeError("driver")]
)
def test_whatever_the_plant_raises_never_fails_the_batch(predictor: Predictor, plant: Any, error: Exception) -> None:
    def fail() -> None:
        raise error

    assert statuses(predictor, KNOWN) == ["ok"]
    plant.behave = fail
    assert statuses(predictor, NEW, KNOWN) == ["source_unavailable", "stale"]


@pytest.fixture
def hung(plant: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A plant whose calls return only when the test is over."""
    over = threading.Event()
    monkeypatch.setattr(item_source, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(item_source, "FIRST_LOOK_SECONDS", 0.1)
    plant.behave = lambda: over.wait(60) and None
    yield over
    over.set()


def test_a_plant_that_hangs_does_not_hold_requests(
    predictor: Predictor, plant: Any, hung: threading.Event, time_passing: Any
) -> None:
    assert statuses(predictor, KNOWN, NEW) == ["stale", "source_unavailable"]
    for _ in range(3 * item_source.MOST_CALLS):
        time_passing.now += item_source.REST_SECONDS + 1
        before = plant.checks
        statuses(predictor, KNOWN, NEW)
        wait_until(lambda: predictor._source._looking is None)
        assert plant.checks <= before + 1
    assert plant.checks + len(plant.asked) <= item_source.MOST_CALLS
    assert not hung.is_set()
    hung.set()

    def answers_again() -> bool:
        time_passing.now += item_source.REST_SECONDS + 1
        return statuses(predictor, KNOWN) == ["ok"]

    wait_until(answers_again)


def write_own_profile(root: Path) -> None:
    folder = root / "config" / "plants" / "tiny"
    folder.mkdir(parents=True)
    (folder / "items.sql").write_text("SELECT code AS item_code, NULL AS created_at, part_type, diameter FROM parts")
    (folder / "routings.sql").write_text(
        "SELECT code AS item_code, 'R1' AS routing_code, 1 AS sequence, 'CUT' AS operation_code, "
        "'Cut' AS operation_name, 'W' AS work_centre, 'Y' AS in_house, "
        "1.0 AS setup_minutes, 1.0 AS run_minutes_per_unit, "
        "NULL AS valid_from, NULL AS valid_to FROM parts"
    )
    (folder / "work_orders.sql").write_text(
        "SELECT 'WO' AS work_order_code, code AS item_code, 1 AS sequence, 'CUT' AS operation_code, "
        "'W' AS work_centre, 'Y' AS in_house, "
        "1.0 AS quantity, 1.0 AS setup_minutes, 1.0 AS run_minutes, NULL AS finished_at FROM parts"
    )
    (folder / "profile.yaml").write_text(
        "description: a plant of one table\nattributes: {part_type: categorical, diameter: {kind: numeric}}\n"
    )
    (root / "config" / "iter_training.yaml").write_text("plant: {profile: tiny}\n")


@pytest.fixture
def sqlite_plant(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = settings.root / "erp.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE parts (code TEXT, part_type TEXT, diameter REAL)")
        connection.execute("INSERT INTO parts VALUES ('ERP1', 'GLAND', 12.0), ('ERP2', 'SLEEVE', NULL)")
    connection.close()
    write_own_profile(settings.root)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    return path


def test_an_item_of_a_real_plant_that_the_model_does_not_know_is_predicted(
    settings: Settings, sqlite_plant: Path
) -> None:
    predictor = Predictor(load_settings(settings.root))
    found = predictor.predict([PredictionQuery("ERP1"), PredictionQuery("ERP2"), PredictionQuery("ERP3"), KNOWN])
    assert [prediction.best is not None for prediction in found.predictions] == [True, True, False, True]
    assert found.predictions[2].status is PredictionStatus.NOT_FOUND
    operations = found.predictions[0].best.operations if found.predictions[0].best else ()
    assert [operation.operation_code for operation in operations] == ["CUT", "MILL", "INSPECT"]
    assert sqlite_plant.exists()


def test_a_real_plant_that_cannot_be_opened_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own_profile(settings.root)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    predictor = Predictor(load_settings(settings.root))
    assert statuses(predictor, KNOWN, NEW) == ["stale", "source_unavailable"]


def test_an_item_without_any_attribute_of_the_model_is_said_to_be_known_to_the_plant(
    predictor: Predictor, plant: Any
) -> None:
    plant.rows = plant.rows.select("item_code", "created_at", "colour")
    answers = predictor.predict([NEW, PredictionQuery("NOWHERE")]).predictions
    assert [answer.status for answer in answers] == [PredictionStatus.NOT_FOUND] * 2
    assert "the plant knows this item" in answers[0].message
    assert "the item is not known" in answers[1].message


def test_duplicate_rows_and_nan_of_the_plant_do_no_harm(plant: Any) -> None:
    found = item_source.attributes_by_code(plant.rows)
    assert found["NEW2"] == {"part_type": "SLEEVE", "diameter": None, "colour": "red"}
    assert found["NEW1"]["diameter"] == 12.0


def test_a_model_of_another_plant_than_the_one_imported_since_is_in_the_health(
    predictor: Predictor, settings: Settings
) -> None:
    assert predictor.health().problems == ()
    with replacing_plant(settings.plant_database_path) as connection:
        write_notes(connection, {"profile": "adventureworks"})
    (problem,) = predictor.health().problems
    assert "'ksm'" in problem.problem
    assert "'adventureworks'" in problem.problem
    assert problem.command == "Run 'routing-ml train'"


def test_a_model_of_the_embedded_plant_is_in_the_health_once_a_database_is_configured(
    settings: Settings, sqlite_plant: Path
) -> None:
    record = VersionRecord(START, None, "a", None, "tiny", 0, {}, {}, {}, {"plant_database": "data/plant.db"})
    configured = load_settings(settings.root)
    change = plant_change(configured, record)
    assert change is not None
    assert "data/plant.db" in change.problem
    assert plant_change(configured, replace(record, extra={"plant_database": plant_name(configured)})) is None
    assert plant_change(configured, replace(record, extra={})) is None
    assert sqlite_plant.exists()


def test_the_error_of_the_plant_is_in_the_health(predictor: Predictor, plant: Any) -> None:
    plant.go_down()
    with pytest.raises(DatabaseUnavailableError):
        plant.check()
    predictor.predict([KNOWN])
    assert "connection refused" in predictor.health().reasons[0]
