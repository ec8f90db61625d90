from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend.domain.feedback import ChangeKind, Decision, DecisionKind
from backend.domain.prediction import AttributeValue
from backend.domain.routing import RoutingOperation
from backend.errors import DecisionMismatchError
from backend.monitoring.feedback import list_decisions, newest_decisions, planner_agreement, store_decision
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside
CUT = RoutingOperation(10, "CUT", "절단", "W1", True, 5.0, 1.0)
LAP = RoutingOperation(20, "LAP", "래핑", "외주", False, 9.5, 0.1 + 0.2)


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    found = load_settings(tmp_path)
    settings = found.model_copy(update={"env": found.env.model_copy(update={"STATE_DATABASE_URL": url})})
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    yield engine
    engine.dispose()


def accepted(code: str | None = "A") -> Decision:
    return Decision(DecisionKind.ACCEPTED, code, None, 20.0, "version_1", (CUT, LAP), (CUT, LAP), "김계획")


def edited(code: str | None = "A") -> Decision:
    attributes: dict[str, AttributeValue] | None = None if code else {"SIZE": 5.5, "KIND": "링", "NAME": None}
    return Decision(DecisionKind.EDITED, code, attributes, None, "version_1", (CUT, LAP), (CUT,), None, "no '래핑'")


def test_a_decision_is_kept_to_the_letter_with_who_when_and_what_was_changed(state: Engine) -> None:
    stored = [store_decision(state, decision, NOON) for decision in (accepted(), edited(None))]
    listed = list_decisions(state)

    assert listed == stored[::-1]
    assert listed[0].decision == edited(None)
    assert (listed[1].changes, listed[1].process_match, listed[1].created_at) == ((), 1.0, NOON)
    assert [(one.kind, one.operation_code, one.proposed_place) for one in listed[0].changes] == [
        (ChangeKind.REMOVED, "LAP", 2)
    ]
    assert listed[0].process_match == 0.5


def test_nothing_is_overwritten_and_pages_meet_without_a_gap(state: Engine) -> None:
    made = [store_decision(state, accepted("AB"[number % 2]), NOON).feedback_id for number in range(5)]
    pages = [list_decisions(state, 2)]
    while pages[-1]:
        pages.append(list_decisions(state, 2, before=pages[-1][-1].feedback_id))

    assert [one.feedback_id for page in pages for one in page] == made[::-1]
    assert [one.feedback_id for one in list_decisions(state, item_code="B")] == [made[3], made[1]]


def test_the_newest_decision_of_each_item_is_found_however_many_came_after(state: Engine) -> None:
    made = [store_decision(state, one, NOON) for one in (accepted("A"), accepted("B"), edited("A"), accepted("C"))]

    found = newest_decisions(state, ["B", "A", "nobody's", *(f"other {number}" for number in range(2000))])

    assert sorted(found, key=lambda one: one.feedback_id) == [made[1], made[2]]


@pytest.mark.parametrize(
    ("decided", "kind", "said"),
    [((CUT,), DecisionKind.ACCEPTED, "1 changes"), ((CUT, LAP), DecisionKind.EDITED, "equals")],
)
def test_a_decision_that_contradicts_its_routings_is_refused_and_not_kept(
    state: Engine, decided: tuple[RoutingOperation, ...], kind: DecisionKind, said: str
) -> None:
    with pytest.raises(DecisionMismatchError, match=said):
        store_decision(state, Decision(kind, "A", None, None, "version_1", (CUT, LAP), decided), NOON)
    assert list_decisions(state) == []


def test_agreement_counts_the_decisions_of_the_window_and_averages_sequences_over_items(state: Engine) -> None:
    store_decision(state, edited("OLD"), NOON - timedelta(days=31))
    for decision in (accepted("A"), edited("A"), edited("B"), accepted(None), edited(None)):
        store_decision(state, decision, NOON - timedelta(days=1))
    found = planner_agreement(state, 30, NOON)

    assert (found.decisions, found.accepted, found.items) == (5, 2, 4)
    assert found.accepted_share == 0.4
    assert found.process_match == (0.75 + 0.5 + 1.0 + 0.5) / 4 == 0.6875


def test_agreement_of_nothing_is_unknown(state: Engine) -> None:
    found = planner_agreement(state, 30, NOON)

    assert (found.decisions, found.accepted_share, found.process_match) == (0, None, None)
