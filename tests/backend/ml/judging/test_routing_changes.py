from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.feedback import ChangeKind, OperationChange
from backend.domain.routing import RoutingOperation
from backend.ml.judging.routing_changes import COMPARED, find_changes

Routing = tuple[RoutingOperation, ...]


def step(code: str, run_minutes_per_unit: float = 1.0, work_centre: str = "W1", sequence: int = 10) -> RoutingOperation:
    return RoutingOperation(sequence, code, code.title(), work_centre, True, 5.0, run_minutes_per_unit)


steps = st.builds(
    step,
    st.sampled_from(["CUT", "TURN", "MILL", "LAP", "PACK"]),
    st.sampled_from([1.0, 2.0, 0.1 + 0.2]),
    st.sampled_from(["W1", "W2"]),
    st.integers(0, 90),
)
routings = st.lists(steps, min_size=1, max_size=8).map(tuple)


@given(routings)
def test_an_untouched_routing_has_no_changes_whatever_its_numbers(routing: Routing) -> None:
    renumbered = tuple(
        step(s.operation_code, s.run_minutes_per_unit, s.work_centre, 7 * i) for i, s in enumerate(routing)
    )

    assert find_changes(routing, renumbered) == ()


@given(routings, routings)
def test_the_decided_routing_can_be_made_of_the_proposed_one_and_its_changes(
    proposed: Routing, decided: Routing
) -> None:
    made = _applied(proposed, decided, find_changes(proposed, decided))

    assert [_compared(one) for one in made] == [_compared(one) for one in decided]


@given(routings, routings)
def test_what_is_removed_one_way_is_added_the_other_way(proposed: Routing, decided: Routing) -> None:
    there, back = find_changes(proposed, decided), find_changes(decided, proposed)

    assert _codes(there, ChangeKind.REMOVED) == _codes(back, ChangeKind.ADDED)
    assert _codes(there, ChangeKind.ADDED) == _codes(back, ChangeKind.REMOVED)
    assert bool(there) == bool(back)


def test_an_operation_that_was_moved_and_timed_anew_is_told_as_both() -> None:
    changes = find_changes((step("CUT"), step("TURN"), step("LAP")), (step("LAP", 2.0), step("CUT"), step("TURN")))

    assert [(one.kind, one.operation_code, one.proposed_place, one.decided_place) for one in changes] == [
        ("moved", "LAP", 3, 1),
        ("changed", "LAP", 3, 1),
    ]


def test_of_operations_that_come_twice_each_is_followed_in_its_place() -> None:
    changes = find_changes((step("WASH"), step("LAP"), step("WASH")), (step("WASH"), step("LAP"), step("WASH", 9.0)))

    assert [(one.kind, one.proposed_place) for one in changes] == [("changed", 3)]


def _applied(proposed: Routing, decided: Routing, changes: tuple[OperationChange, ...]) -> list[RoutingOperation]:
    """Make a routing by what the changes say; added operations alone are taken from the decided one."""
    elsewhere = {one.proposed_place for one in changes if one.kind in {ChangeKind.REMOVED, ChangeKind.MOVED}}
    placed = {
        one.decided_place: decided[(one.decided_place or 0) - 1] for one in changes if one.kind is ChangeKind.ADDED
    }
    placed |= {
        one.decided_place: proposed[(one.proposed_place or 0) - 1] for one in changes if one.kind is ChangeKind.MOVED
    }
    staying = iter([one for place, one in enumerate(proposed, start=1) if place not in elsewhere])
    made = [placed[place] if place in placed else next(staying) for place in range(1, len(decided) + 1)]
    assert next(staying, None) is None
    for change in changes:
        for field in change.fields:
            place = (change.decided_place or 0) - 1
            assert getattr(made[place], field.field) == field.proposed
            made[place] = _with(made[place], field.field, field.decided)
    return made


def _with(one: RoutingOperation, name: str, value: object) -> RoutingOperation:
    return RoutingOperation(**{each: getattr(one, each) for each in RoutingOperation.__slots__} | {name: value})


def _compared(one: RoutingOperation) -> tuple[object, ...]:
    return one.operation_code, *(getattr(one, name) for name in COMPARED)


def _codes(changes: tuple[OperationChange, ...], kind: ChangeKind) -> Counter[str]:
    return Counter(one.operation_code for one in changes if one.kind is kind)
