from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from backend.api.schemas.quality import Cycle
from backend.api.services import Services
from backend.domain.drift import DriftReport, ErrorDrift
from backend.domain.models import WatchVerdict
from backend.domain.plant import QuarantineCount
from backend.domain.quality import Alert, CycleReport, CycleStatus, EstimatedLimits, QualityMetrics, Segment, Severity
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.domain.standards import StaleStandard, StandardsReport
from backend.domain.trigger import Alarm, Cause, Measure, TriggerAction, TriggerDecision
from backend.monitoring.cycles import store_cycle, store_quarantine
from backend.monitoring.standards import standards_to_json, store_standards
from backend.state.audit import list_audit
from backend.state.promotion_hold import PromotionHold, set_hold
from tests.backend.api.made_cycles import NOON, cycle

OpenClient = Callable[[Path], TestClient]


def services_of(client: TestClient) -> Services:
    services: Services = cast(FastAPI, client.app).state.services
    return services


@pytest.fixture
def client(tmp_path: Path, open_client: OpenClient) -> TestClient:
    return open_client(tmp_path)


@pytest.fixture
def state(client: TestClient) -> Engine:
    return services_of(client).state


def test_before_the_first_cycle_the_current_one_is_a_404_that_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/quality/current")

    assert answer.status_code == 404
    assert "/api/quality/evaluate" in answer.json()["detail"]
    assert client.get("/api/quality/history").json() == {"cycles": []}


def test_a_cycle_says_what_has_changed(client: TestClient, state: Engine) -> None:
    day = NOON.date()
    error = ErrorDrift("work_centre", "CNC-04", 22.2, 16.8, 27.9, day, False, 61, 20, "CNC-04 takes 22 % longer")
    store_cycle(state, replace(cycle("cycle_1", 1, 6.0), drift=DriftReport(day, day, 900, (error,))))
    drift = client.get("/api/quality/current").json()["drift"]
    assert drift["errors"][0]["since"] == "2026-03-01"
    assert drift["errors"][0]["sentence"] == "CNC-04 takes 22 % longer"
    assert drift["inputs"] == []
    assert client.get("/api/quality/history").json()["cycles"][0]["drift"] == drift


def test_a_cycle_says_what_follows_and_what_the_watch_saw(client: TestClient, state: Engine) -> None:
    cause = Cause(Measure.BIAS, "work_centre", "CNC-04", 0.2, 1e-7, 61, 7.0, "CNC-04 takes 22 % longer", 0.1)
    alarm = Alarm(NOON, (cause.key,))
    decision = TriggerDecision(TriggerAction.REFRESH, "alarm", "version_1", (cause,), alarm, NOON, 900)
    verdict = WatchVerdict("version_2", "version_1", False, "not worse", 700)
    store_cycle(state, replace(cycle("cycle_1", 1, 6.0), trigger=decision, watch=verdict))
    shown = client.get("/api/quality/current").json()

    assert (shown["trigger"]["action"], shown["trigger"]["reason"]) == ("refresh", "alarm")
    assert shown["trigger"]["causes"][0]["text"] == "CNC-04 takes 22 % longer"
    assert shown["trigger"]["alarm"]["opened_at"] == "2026-03-01T12:00:00Z"
    assert shown["trigger"]["request"]["kind"] == "refresh"
    assert (shown["watch"]["reason"], shown["watch"]["outcome"]) == ("not worse", "")
    assert client.get("/api/quality/history").json()["cycles"][0]["trigger"] == shown["trigger"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_the_calendar_are_moments_too(client: TestClient, moment: str) -> None:
    assert client.get("/api/quality/history", params={"before": moment}).status_code == 200


def test_the_newest_cycle_is_shown_with_its_metrics_at_the_top(client: TestClient, state: Engine) -> None:
    store_cycle(state, cycle("c1", 2, 6.0))
    store_cycle(state, cycle("c2", 1, 4.2))
    shown = client.get("/api/quality/current").json()

    assert shown["cycle_id"] == "c2"
    assert shown["mae"] == 4.2
    assert shown["actual_cv"] is None
    assert shown["created_at"].endswith("Z")
    assert set(shown) == set(Cycle.model_fields)


def test_a_cycle_is_shown_whole_by_its_id(client: TestClient, state: Engine) -> None:
    older = replace(cycle("cycle_1", 2, 6.0), segments=(Segment("part_type", "링", cycle("", 0, 5.0).metrics),))
    store_cycle(state, older)
    store_cycle(state, cycle("cycle_2", 1, 4.2))
    shown = client.get("/api/quality/cycles/cycle_1").json()

    assert (shown["cycle_id"], shown["mae"]) == ("cycle_1", 6.0)
    assert [(one["dimension"], one["value"]) for one in shown["segments"]] == [("part_type", "링")]
    assert set(shown) == set(Cycle.model_fields)


def test_a_cycle_that_is_not_there_is_a_404_and_a_strange_id_is_refused(client: TestClient) -> None:
    unknown = client.get("/api/quality/cycles/cycle_9")
    strange = client.get("/api/quality/cycles/..%2f..%2fetc")

    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:routing-ml:problem:unknown-cycle")
    assert "cycle_9" not in unknown.text
    assert strange.status_code in {404, 422}
    assert client.get("/api/quality/cycles/job_1").status_code == 422


def test_history_pages_back_and_alerts_come_newest_first(client: TestClient, state: Engine) -> None:
    for number in range(3):
        store_cycle(state, cycle(f"c{number}", 3 - number, 6.0))
    newest, *_ = history = client.get("/api/quality/history").json()["cycles"]
    older = client.get("/api/quality/history", params={"before": newest["created_at"], "limit": 1}).json()["cycles"]

    assert [one["cycle_id"] for one in history] == ["c2", "c1", "c0"]
    assert [one["cycle_id"] for one in older] == ["c1"]
    assert [one["cycle_id"] for one in client.get("/api/quality/alerts").json()["alerts"]] == ["c2", "c1", "c0"]


def test_quarantined_rows_are_told_by_reason_and_in_the_metrics(client: TestClient, state: Engine) -> None:
    store_quarantine(state, [QuarantineCount("items", "no code", 7)], {"items": 100}, NOON)

    assert client.get("/api/data/quarantine").json()["total_rows"] == 7
    assert 'routing_ml_quarantined_rows{reason="no code",table="items"} 7.0' in client.get("/metrics").text


def test_the_metrics_have_the_runbooks_names(client: TestClient, state: Engine) -> None:
    store_cycle(state, cycle("c1", 2, 4.2))
    client.get("/health")
    text = client.get("/metrics").text

    assert "routing_ml_quality_mae_minutes 4.2" in text
    assert 'routing_ml_training_jobs_total{status="SUCCEEDED"} 0.0' in text
    assert 'routing_ml_api_request_duration_seconds_bucket{le="0.5",method="GET",route="/health",status="2xx"}' in text


def test_stale_standards_are_those_of_the_newest_evaluation_as_many_as_asked_for(
    client: TestClient, state: Engine
) -> None:
    assert client.get("/api/quality/stale-standards").status_code == 404
    one = StaleStandard("A", "CUT", "Cut", "W1", 10.0, 2.0, 1.5, 1.4, 1.6, 6, 210.0, 630.0, ("WO2", "WO1"))
    for stale in ((), (one, replace(one, item_code="B"))):
        store_standards(state, standards_to_json(StandardsReport(NOON, 300.0, 50, 1, len(stale), stale)), NOON)

    found = client.get("/api/quality/stale-standards?limit=1").json()

    assert (found["found"], found["compared"], found["until"]) == (2, 50, "2026-03-01T12:00:00Z")
    assert [(row["item_code"], row["work_order_codes"]) for row in found["stale"]] == [("A", ["WO2", "WO1"])]


def test_a_hold_on_promotion_is_shown_until_it_is_released(client: TestClient, state: Engine) -> None:
    assert client.get("/api/models").json()["hold"] is None
    assert "routing_ml_promotion_held 0.0" in client.get("/metrics").text
    set_hold(state, PromotionHold(NOON, "version_20260201T000000Z_g000001", "worse times"))

    assert client.get("/api/models").json()["hold"]["reason"] == "worse times"
    assert "routing_ml_promotion_held 1.0" in client.get("/metrics").text

    assert [client.delete("/api/models/hold").status_code for _ in range(2)] == [204, 204]
    assert client.get("/api/models").json()["hold"] is None
    assert [row.action for row in list_audit(state, limit=5)] == ["promotion.release"]
