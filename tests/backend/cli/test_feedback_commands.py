"""routing-ml feedback: what planners decided, on the command line."""

import json
import subprocess
from collections.abc import Callable

import pytest

from backend.domain.clock import utc_now
from backend.domain.feedback import Decision, DecisionKind
from backend.domain.routing import RoutingOperation
from backend.monitoring.feedback import store_decision
from backend.settings import Settings
from backend.state.database import open_state_engine, state_url

RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
CUT = RoutingOperation(10, "CUT", "절단", "W1", True, 5.0, 1.0)


@pytest.fixture
def decisions(settings: Settings) -> None:
    slower = RoutingOperation(10, "CUT", "절단", "W1", True, 5.0, 2.5)
    engine = open_state_engine(state_url(settings))
    store_decision(engine, Decision(DecisionKind.ACCEPTED, "A", None, None, "version_1", (CUT,), (CUT,)), utc_now())
    edited = Decision(DecisionKind.EDITED, "B", None, None, "version_1", (CUT,), (slower,), "김계획", "[red]new tool")
    store_decision(engine, edited, utc_now())
    engine.dispose()


@pytest.mark.usefixtures("decisions")
def test_decisions_are_listed_with_who_and_what_was_changed(routing_ml: RoutingMl) -> None:
    shown = routing_ml("feedback", "list").stdout

    assert shown.index("CUT: run_minutes_per_unit 1.00 → 2.50") < shown.index("accepted")
    assert "김계획" in shown
    assert "[red]new tool" in shown, "text from people is never read as markup"
    (one,) = json.loads(routing_ml("feedback", "list", "--item-code", "A", "--json").stdout)
    assert one["decision"]["item_code"] == "A"


@pytest.mark.usefixtures("decisions")
def test_agreement_is_said_in_a_sentence(routing_ml: RoutingMl) -> None:
    assert "50% of 2 decisions" in routing_ml("feedback", "agreement").stdout


def test_agreement_of_nothing_is_said(routing_ml: RoutingMl) -> None:
    assert "nothing was decided in the last 30 days" in routing_ml("feedback", "agreement", "--days", "30").stdout
