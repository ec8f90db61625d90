import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend.domain.drift import DriftReport, ErrorDrift, InputDrift
from backend.domain.models import WatchVerdict
from backend.domain.plant import QuarantineCount
from backend.domain.quality import Alert, CycleReport, CycleStatus, EstimatedLimits, QualityMetrics, Segment, Severity
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.domain.trigger import Alarm, Cause, Measure, TriggerAction, TriggerDecision
from backend.monitoring.cycle_json import cycle_from_json, cycle_to_json
from backend.monitoring.cycles import (
    get_cycle,
    latest_cycle,
    list_alerts,
    list_cycles,
    read_quarantine,
    store_cycle,
    store_quarantine,
)
from backend.monitoring.quality_log import log_cycle_finished, log_cycle_started, quality_log
from backend.monitoring.reports import write_reports
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.tables import metadata
from backend.state.trigger_requests import settle

NOW = datetime(2025, 10, 22, 14, 0, 0)  # noqa: DTZ001 - the product's timestamps are naive UTC
METRICS = QualityMetrics(4.2, 3.1, 8.8, 0.2, 12.0, 0.86, 0.7, 0.6, 0.9, 0.99, 0.4, 0.3, 0.81, 40, 312)
DAY = NOW.date()
DRIFT = DriftReport(
    DAY - timedelta(days=27),
    DAY,
    900,
    (ErrorDrift("work_centre", "CNC-04", 22.2, 16.8, 27.9, DAY, False, 61, 20, "work centre CNC-04 takes longer"),),
    (InputDrift("new_items", "material", "1.4404", 31.2, 4.1, 0.4, 129, "material: other values"),),
)
CAUSE = Cause(Measure.BIAS, "work_centre", "CNC-04", 0.2, 1e-7, 61, 7.0, "work centre CNC-04 takes 22 % longer", 0.1)
ALARM = Alarm(NOW - timedelta(hours=3), (CAUSE.key,))
TRIGGER = TriggerDecision(TriggerAction.REFRESH, "alarm: CNC-04 = slow", "version_1", (CAUSE,), ALARM, NOW, 900)
WATCH = WatchVerdict("version_2", "version_1", True, "watch of version_2: worse", 700, 5.1, "version_1 serves again")
NOTHING = QualityMetrics(*(None,) * 13, 0, 0)


def cycle(cycle_id: str = "cycle_1", metrics: QualityMetrics = METRICS) -> CycleReport:
    return CycleReport(
        cycle_id=cycle_id,
        created_at=NOW,
        status=CycleStatus.OK,
        message="312 operations of 40 items were compared.",
        model_version="version_20251001T000000Z_000001",
        data_cutoff=NOW - timedelta(days=30),
        window_start=NOW - timedelta(days=30),
        window_end=NOW - timedelta(days=2),
        sampling=Sampling(500, SamplingStrategy.RANDOM, 0),
        metrics=metrics,
        limits=EstimatedLimits(3.9, 0.96, 0.9),
        segments=(Segment("part_type", "=SEAL|링", METRICS),),
        alerts=(Alert("cv", 0.4, 0.3, Severity.WARNING, "cv is 0.4, above 0.3"),),
        excluded={"booked_at_plan": 7},
        quarantine=(QuarantineCount("work_orders", "negative time", 3),),
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "data").mkdir()
    opened = open_state_engine(state_url(load_settings(tmp_path)))
    metadata.create_all(opened)
    yield opened
    opened.dispose()


def test_a_cycle_survives_json_unchanged() -> None:
    for report in (cycle(), cycle(metrics=NOTHING), replace(cycle(), drift=DRIFT, trigger=TRIGGER, watch=WATCH)):
        assert cycle_from_json(json.loads(json.dumps(cycle_to_json(report)))) == report


def test_a_cycle_of_a_release_that_did_not_judge_totals_is_still_read() -> None:
    content = cycle_to_json(cycle())
    older = {name: value for name, value in content.items() if name != "total_coverage"}
    older["segments"] = [
        {name: value for name, value in one.items() if name != "total_coverage"} for one in content["segments"]
    ]
    assert cycle_from_json(older) == cycle_from_json(content | {"total_coverage": None})


def test_the_metrics_are_at_the_top_level_as_the_runbook_reads_them() -> None:
    content = cycle_to_json(cycle())
    assert content["mae"] == 4.2
    assert content["process_match"] == 0.86
    assert content["sample_count"] == {"items": 40, "operations": 312}
    assert content["data_cutoff"] == "2025-09-22T14:00:00Z"


def test_a_cycle_stored_twice_is_there_once_with_its_alerts(engine: Engine) -> None:
    store_cycle(engine, cycle())
    store_cycle(engine, cycle())
    assert len(list_cycles(engine)) == 1
    (alert,) = list_alerts(engine)
    assert (alert["metric"], alert["severity"], alert["cycle_id"]) == ("cv", "warning", "cycle_1")


def test_the_latest_cycle_is_the_newest_and_history_pages_back(engine: Engine) -> None:
    assert latest_cycle(engine) is None
    for day in range(3):
        store_cycle(engine, replace(cycle(f"cycle_{day}"), created_at=NOW + timedelta(days=day), alerts=()))
    latest = latest_cycle(engine)
    assert latest is not None
    assert latest["cycle_id"] == "cycle_2"
    assert latest["segments"]
    older = list_cycles(engine, before=NOW + timedelta(days=2))
    assert [one["cycle_id"] for one in older] == ["cycle_1", "cycle_0"]
    assert "segments" not in older[0]
    assert get_cycle(engine, "cycle_0") is not None
    assert get_cycle(engine, "cycle_9") is None


def test_a_backtest_is_the_latest_cycle_only_where_there_is_nothing_else(engine: Engine) -> None:
    backtest = replace(cycle("cycle_1"), status=CycleStatus.BACKTEST, alerts=())
    store_cycle(engine, backtest)
    assert (latest_cycle(engine) or {})["cycle_id"] == "cycle_1"
    store_cycle(engine, replace(cycle("cycle_0"), created_at=NOW - timedelta(days=1), alerts=()))
    assert (latest_cycle(engine) or {})["cycle_id"] == "cycle_0"


def test_each_full_read_replaces_the_quarantine_counts(engine: Engine) -> None:
    store_quarantine(engine, [QuarantineCount("items", "no code", 2)], {"items": 100}, NOW)
    store_quarantine(engine, [QuarantineCount("work_orders", "absurd time", 5)], {"work_orders": 900}, NOW)
    (only,) = read_quarantine(engine)
    assert (only["source_table"], only["reason"], only["rows"], only["rows_read"]) == (
        "work_orders",
        "absurd time",
        5,
        900,
    )


def test_a_cycle_leaves_three_report_files_and_nothing_else(tmp_path: Path) -> None:
    report = replace(cycle(), drift=DRIFT, trigger=TRIGGER, watch=WATCH)
    paths = write_reports(tmp_path / "reports", report)
    assert write_reports(tmp_path / "reports", report) == paths
    assert sorted(tmp_path.glob("reports/*")) == sorted(paths)
    as_json, as_csv, as_text = paths
    assert cycle_from_json(json.loads(as_json.read_text(encoding="utf-8"))) == report
    with as_csv.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["mae"] == "4.2"
    assert rows[1]["value"] == "'=SEAL|링", "a spreadsheet must not run it"
    text = as_text.read_text(encoding="utf-8")
    assert "| mae | 4.200 |" in text
    assert "booked_at_plan: 7" in text
    assert "=SEAL\\|링" in text
    assert "## What has changed\n\n- work centre CNC-04 takes longer\n- material: other values" in text
    follows = "- trigger: **refresh** alarm: CNC-04 = slow\n- watch of version_2: worse. version_1 serves again"
    assert f"## What follows\n\n{follows}" in text


def test_a_cycle_without_figures_can_be_reported(tmp_path: Path) -> None:
    empty = replace(cycle(metrics=NOTHING), window_start=None, window_end=None, segments=(), alerts=())
    text = write_reports(tmp_path, empty)[2].read_text(encoding="utf-8")
    assert "| mae | – |" in text


def test_the_operator_reads_start_finish_and_breach_in_the_quality_log(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    for _ in range(2):
        with quality_log(settings):
            log_cycle_started("cycle_1", "version_1", sample_size=500)
            log_cycle_finished(cycle())
    lines = settings.quality_log_file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6, "the second run appends"
    assert "cycle_started cycle_id=cycle_1 model_version=version_1 sample_size=500" in lines[0]
    assert "cycle_finished cycle_id=cycle_1 status=ok" in lines[1]
    assert "mae=4.2" in lines[1]
    assert "WARNING" in lines[2]
    breach = 'cycle_id=cycle_1 metric=cv value=0.4 threshold=0.3 severity=warning message="cv is 0.4, above 0.3"'
    assert f"threshold_breached {breach}" in lines[2]


def test_the_quality_log_says_what_has_changed_and_what_follows(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    with quality_log(settings):
        log_cycle_finished(replace(cycle(), alerts=(), drift=DRIFT, trigger=TRIGGER, watch=WATCH))
        log_cycle_finished(replace(cycle(), alerts=(), trigger=replace(TRIGGER, action=TriggerAction.NONE)))
    _, error, mix, asks, watched, _, rests = settings.quality_log_file.read_text(encoding="utf-8").splitlines()
    assert "WARNING" in error
    assert 'changed cycle_id=cycle_1 message="work centre CNC-04 takes longer"' in error
    assert 'message="material: other values"' in mix
    assert "WARNING" in asks
    assert 'trigger cycle_id=cycle_1 action=refresh operations=900 reason="alarm: CNC-04 = slow"' in asks
    assert "ERROR" in watched
    assert 'worse=true reason="watch of version_2: worse" outcome="version_1 serves again"' in watched
    assert "INFO" in rests


def test_a_cycle_says_what_became_of_the_job_that_it_asked_for(engine: Engine) -> None:
    store_cycle(engine, replace(cycle(), trigger=TRIGGER), {"as_of": "2025-10-22"})
    store_cycle(engine, replace(cycle("cycle_2"), trigger=replace(TRIGGER, action=TriggerAction.WAIT)))
    with engine.begin() as connection:
        settle(connection, "cycle_1", "started", "job_7")
    asked, waits = get_cycle(engine, "cycle_1"), get_cycle(engine, "cycle_2")
    assert asked is not None
    assert waits is not None
    assert asked["trigger"]["request"] == {"kind": "refresh", "job_id": "job_7", "outcome": "started"}
    assert waits["trigger"]["request"] is None
