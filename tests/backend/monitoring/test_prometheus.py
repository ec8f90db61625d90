import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, insert

from backend.monitoring.metric_sources import (
    ActiveModel,
    backup_source,
    job_source,
    model_source,
    quarantine_source,
)
from backend.monitoring.prometheus import Metrics
from backend.monitoring.quality_metrics import loop_source, quality_source
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.promotion_hold import PromotionHold, clear_hold, set_hold
from backend.state.tables import cycles, jobs, metadata, quarantine_counts

NOW = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    settings = load_settings(tmp_path)
    settings.make_directories()
    made = open_state_engine(state_url(settings))
    metadata.create_all(made)
    yield made
    made.dispose()


def metrics_of(engine: Engine, model: ActiveModel | None = None) -> Metrics:
    return Metrics(
        {
            "jobs": job_source(engine),
            "quality": quality_source(engine, lambda: NOW),
            "loop": loop_source(engine),
            "quarantine": quarantine_source(engine),
            "model": model_source(lambda: model, lambda: NOW),
        }
    )


def samples(metrics: Metrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        sample.name + "".join(f"|{value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def add_job(engine: Engine, number: int, status: str, **more: Any) -> None:
    row = {
        "job_id": f"job_{number}",
        "kind": "training",
        "status": status,
        "progress": 0,
        "current_step": "",
        "attempt": 1,
        "seq": 1,
        "automatic": False,
        "parameters": {},
        "created_at": NOW,
    }
    with engine.begin() as connection:
        connection.execute(insert(jobs), row | more)


def add_cycle(  # noqa: PLR0917 - a row has as many
    engine: Engine, cycle_id: str, status: str, mae: float | None, age: timedelta, report: dict[str, Any] | None = None
) -> None:
    row = {
        "cycle_id": cycle_id,
        "created_at": NOW - age,
        "status": status,
        "model_version": "v1",
        "mae": mae,
        "process_match": 0.9,
        "report": report or {},
    }
    with engine.begin() as connection:
        connection.execute(insert(cycles), row)


def test_jobs_are_counted_from_the_table_so_that_a_restart_changes_nothing(engine: Engine) -> None:
    add_job(engine, 1, "SUCCEEDED", started_at=NOW, finished_at=NOW + timedelta(seconds=90))
    add_job(engine, 2, "SUCCEEDED")
    add_job(engine, 3, "RUNNING")
    first, second = samples(metrics_of(engine)), samples(metrics_of(engine))

    assert first == second
    assert first["routing_ml_training_jobs_total|SUCCEEDED"] == 2
    assert first["routing_ml_training_jobs_total|FAILED"] == 0
    assert first["routing_ml_queue_size|training|RUNNING"] == 1
    assert first["routing_ml_job_duration_seconds_sum|training"] == 90


def test_a_number_that_nobody_computed_is_absent(engine: Engine) -> None:
    add_cycle(engine, "c1", "insufficient_data", None, timedelta(hours=1))
    seen = samples(metrics_of(engine))

    computed = ("routing_ml_quality", "routing_ml_model_generation", "routing_ml_model_age", "routing_ml_quarantined")
    assert not [name for name in seen if name.startswith(computed)]


def test_the_newest_measured_cycle_is_told_not_a_backtest(engine: Engine) -> None:
    add_cycle(engine, "c1", "ok", 9.9, timedelta(hours=3))
    add_cycle(engine, "c2", "ok", 4.2, timedelta(hours=2))
    add_cycle(engine, "c3", "backtest", 0.1, timedelta(hours=1))
    seen = samples(metrics_of(engine))

    assert seen["routing_ml_quality_mae_minutes"] == 4.2
    assert seen["routing_ml_quality_cycle_age_seconds"] == 7200


LOUD = {
    "wape": 0.12,
    "coverage": 0.81,
    "alerts": [{"severity": "critical"}, {"severity": "warning"}, {"severity": "critical"}],
    "drift": {"errors": [{"dimension": "work_centre", "value": "CNC-04", "change_pct": 22.0}], "inputs": []},
    "trigger": {
        "action": "refresh",
        "reason": "alarm",
        "trained_version": "version_1",
        "judged_operations": 900,
        "causes": [],
        "alarm": {"opened_at": "2026-03-01T11:00:00Z", "causes": [], "retrains": 0, "retrained_at": None},
        "judged_from": None,
    },
}


def test_alerts_drift_and_the_triggers_decision_are_told_until_the_next_cycle_that_is_no_backtest(
    engine: Engine,
) -> None:
    add_cycle(engine, "c1", "ok", 4.2, timedelta(hours=2), LOUD)
    add_cycle(engine, "c2", "backtest", 0.1, timedelta(hours=1))
    seen = samples(metrics_of(engine))

    assert seen["routing_ml_quality_wape"] == 0.12
    assert seen["routing_ml_quality_coverage"] == 0.81
    assert seen["routing_ml_quality_alerts|critical"] == 2
    assert seen["routing_ml_drift_change_ratio|work_centre|CNC-04"] == 0.22
    assert seen["routing_ml_drift_findings|errors"] == 1
    assert (seen["routing_ml_trigger_action|refresh"], seen["routing_ml_trigger_action|retrain"]) == (1, 0)
    assert seen["routing_ml_trigger_alarm_open"] == 1
    add_cycle(engine, "c3", "ok", 4.0, timedelta(minutes=1))
    calm = samples(metrics_of(engine))
    assert calm["routing_ml_quality_alerts|critical"] == 0
    assert "routing_ml_drift_change_ratio|work_centre|CNC-04" not in calm


def test_what_the_watch_found_is_counted_and_held_until_released(engine: Engine) -> None:
    assert samples(metrics_of(engine))["routing_ml_watch_alarms_total"] == 0
    set_hold(engine, PromotionHold(NOW, "version_2", "worse times"))
    held = samples(metrics_of(engine))
    clear_hold(engine, NOW)
    released = samples(metrics_of(engine))

    assert (held["routing_ml_watch_alarms_total"], held["routing_ml_promotion_held"]) == (1, 1)
    assert (released["routing_ml_watch_alarms_total"], released["routing_ml_promotion_held"]) == (1, 0)


def test_quarantine_and_model_are_told(engine: Engine) -> None:
    row = {"source_table": "items", "reason": "no code", "rows": 7, "rows_read": 100, "read_at": NOW}
    with engine.begin() as connection:
        connection.execute(insert(quarantine_counts), row)
    model = ActiveModel(4, "version_x_g000004", NOW - timedelta(seconds=30), None)
    seen = samples(metrics_of(engine, model))

    assert seen["routing_ml_quarantined_rows|no code|items"] == 7
    assert seen["routing_ml_model_generation"] == 4
    assert seen["routing_ml_model_age_seconds"] == 30
    assert "routing_ml_model_data_age_seconds" not in seen


def test_a_state_database_that_is_gone_leaves_the_other_metrics_standing(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    broken = open_state_engine(state_url(settings))
    metrics = metrics_of(broken)
    metrics.observe_request("GET", "/health", 200, 0.003)
    seen = samples(metrics)

    assert seen["routing_ml_metrics_source_up|jobs"] == 0
    assert seen["routing_ml_metrics_source_up|model"] == 1
    assert seen["routing_ml_api_request_duration_seconds_bucket|0.5|GET|/health|2xx"] == 1


def test_the_age_of_the_newest_backup_is_told_and_absent_while_there_is_none(tmp_path: Path) -> None:
    metrics = Metrics({"backups": backup_source(load_settings(tmp_path), lambda: NOW)})
    assert "routing_ml_backup_age_seconds" not in samples(metrics)
    (tmp_path / "backups").mkdir()
    for stamp in ("20260227_120000", "20260228_120000"):
        (tmp_path / f"backups/backup_{stamp}.tar.gz").touch()

    assert samples(metrics)["routing_ml_backup_age_seconds"] == timedelta(days=1).total_seconds()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian package prometheus) is not installed")
def test_promtool_accepts_the_exposition_but_for_the_unit_that_the_runbook_fixes(engine: Engine) -> None:
    add_job(engine, 1, "SUCCEEDED", started_at=NOW, finished_at=NOW + timedelta(seconds=90))
    add_cycle(engine, "c1", "ok", 4.2, timedelta(hours=2))
    metrics = metrics_of(engine, ActiveModel(4, "version_x_g000004", NOW, NOW))
    metrics.observe_request("POST", "/api/predict", 200, 0.003)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=metrics.exposition(), capture_output=True, check=False
    )
    complaints = (checked.stdout + checked.stderr).decode().splitlines()

    assert [line for line in complaints if not line.startswith("routing_ml_quality_mae_minutes use base unit")] == []


WORKER = """
from backend.monitoring.prometheus import Metrics
from backend.monitoring.quality_metrics import quality_source
metrics = Metrics({})
metrics.observe_request("GET", "/health", 200, 0.003)
metrics.log_lines_dropped.inc()
print(metrics.exposition().decode())
"""


def test_several_workers_answer_with_the_sum_of_all(tmp_path: Path) -> None:
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "-c", WORKER]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    seen = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert 'routing_ml_api_request_duration_seconds_count{method="GET",route="/health",status="2xx"} 2.0' in seen
    assert "routing_ml_log_lines_dropped_total 2.0" in seen
    assert "routing_ml_model_reload_failures_total 0.0" in seen
