"""routing-ml quality: what an operator sees of evaluations without starting one."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backend.cli.exit_codes import ExitCode
from backend.domain.drift import DriftReport, ErrorDrift
from backend.domain.models import WatchVerdict
from backend.domain.quality import UNKNOWN_LIMITS, Alert, CycleReport, CycleStatus, QualityMetrics, Segment, Severity
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.domain.trigger import Alarm, Cause, Measure, TriggerAction, TriggerDecision
from backend.monitoring.cycles import store_cycle
from backend.settings import Settings
from backend.state.database import open_state_engine, state_url

RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside
METRICS = QualityMetrics(6.0, 3.0, 8.0, 0.1234, 11.0, 0.9951, 0.8, 0.7, 0.9, 1.0, 0.2, None, 0.81, 480, 3000)
CALM = CycleReport(
    cycle_id="cycle_1",
    created_at=NOON,
    status=CycleStatus.OK,
    message="as promised",
    model_version="version_1",
    data_cutoff=NOON - timedelta(days=28),
    window_start=NOON - timedelta(days=28),
    window_end=NOON,
    sampling=Sampling(500, SamplingStrategy.RANDOM, 0),
    metrics=METRICS,
    limits=UNKNOWN_LIMITS,
    segments=(Segment("work_centre", "CNC-04", METRICS),),
    alerts=(),
    excluded={"booked_at_plan": 31},
    quarantine=(),
    intervals={"wape": (0.1, 0.15)},
)
CAUSE = Cause(Measure.BIAS, "work_centre", "CNC-04", 0.2, 1e-7, 61, 7.0, "CNC-04 is slow", 0.1)


@pytest.fixture
def cycles(settings: Settings) -> None:
    """One calm cycle, and one that asked for a refresh."""
    day = NOON.date()
    error = ErrorDrift("work_centre", "CNC-04", 22.2, 16.8, 27.9, day, False, 61, 20, "CNC-04 takes 22 % longer")
    alarm = Alarm(NOON, (CAUSE.key,))
    loud = replace(
        CALM,
        cycle_id="cycle_2",
        created_at=NOON + timedelta(hours=1),
        alerts=(Alert("bias", 0.2, 0.1, Severity.WARNING, "CNC-04 is slow"),),
        drift=DriftReport(day, day, 900, (error,)),
        trigger=TriggerDecision(TriggerAction.REFRESH, "alarm: CNC-04", "version_1", (CAUSE,), alarm, NOON, 900),
        watch=WatchVerdict("version_1", "version_0", False, "watch of version_1: not worse", 700),
    )
    engine = open_state_engine(state_url(settings))
    store_cycle(engine, CALM)
    store_cycle(engine, loud)
    engine.dispose()


@pytest.mark.usefixtures("cycles")
def test_an_evaluation_is_shown_with_what_has_changed_and_what_follows(routing_ml: RoutingMl) -> None:
    shown = routing_ml("quality", "show").stdout

    assert "0.995" in shown, "two decimals would call it 1.00"
    assert "0.1 to 0.15" in shown
    assert "worst of 1 segments" in shown
    assert "left out of judging (rows): 31 booked at plan" in shown
    assert "! warning: CNC-04 is slow" in shown
    assert "changed: CNC-04 takes 22 % longer" in shown
    assert "trigger: refresh: alarm: CNC-04" in shown
    assert "asked for: nobody has looked yet; a running server does" in shown
    assert "watch of version_1: not worse" in shown
    assert "trigger" not in routing_ml("quality", "show", "cycle_1").stdout


@pytest.mark.usefixtures("cycles")
def test_evaluations_and_alerts_are_listed_newest_first(routing_ml: RoutingMl) -> None:
    listed = json.loads(routing_ml("quality", "list", "--json").stdout)
    assert [one["cycle_id"] for one in listed] == ["cycle_2", "cycle_1"]
    assert listed[0]["trigger"]["request"]["kind"] == "refresh"
    lines = routing_ml("quality", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines if line.strip().startswith("cycle_")] == ["cycle_2", "cycle_1"]
    assert "CNC-04 is slow" in routing_ml("quality", "alerts").stdout


@pytest.mark.usefixtures("settings")
def test_where_nothing_was_evaluated_the_remedy_is_named(routing_ml: RoutingMl) -> None:
    missing = routing_ml("quality", "show")
    assert missing.returncode != ExitCode.OK
    assert "evaluate" in missing.stderr
    assert routing_ml("quality", "show", "cycle_9").returncode == ExitCode.WRONG_INPUT


def test_a_plant_that_works_in_days_is_told_of_days(routing_ml: RoutingMl, settings: Settings) -> None:
    slow = replace(METRICS, mae=4320.0, trim_mae=2160.0, rmse=8640.0, routing_mae=43_200.0)
    engine = open_state_engine(state_url(settings))
    store_cycle(engine, replace(CALM, metrics=slow, segments=(), intervals={"mae": (2880.0, 5760.0)}))
    engine.dispose()
    shown = routing_ml("quality", "show").stdout
    assert "3.000" in shown
    assert "2 to 4" in shown
    assert "mean error, days per operation and lot" in shown
    assert "minutes" not in shown
    assert "mae days" in routing_ml("quality", "list").stdout
    assert json.loads(routing_ml("quality", "show", "--json").stdout)["mae"] == 4320, "machines always get minutes"


def test_that_ranges_of_totals_could_not_be_judged_is_said(settings: Settings, routing_ml: RoutingMl) -> None:
    engine = open_state_engine(state_url(settings))
    store_cycle(engine, CALM)
    store_cycle(engine, replace(CALM, cycle_id="cycle_3", metrics=replace(METRICS, exact_match=0.0)))
    engine.dispose()

    said = "ranges of totals could not be judged: no lot was made by exactly the proposed sequence"
    assert said in routing_ml("quality", "show", "cycle_3").stdout
    assert said not in routing_ml("quality", "show", "cycle_1").stdout
