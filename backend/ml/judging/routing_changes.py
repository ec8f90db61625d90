"""What was changed between a proposed routing and the one that a planner decided for."""

import math
from collections.abc import Sequence
from typing import Final

from backend.domain.feedback import ChangeKind, FieldChange, FieldValue, OperationChange
from backend.domain.routing import RoutingOperation
from backend.ml.judging.alignment import align

COMPARED: Final = ("operation_name", "work_centre", "in_house", "setup_minutes", "run_minutes_per_unit")
"""Sequence numbers are not: the order counts, whatever numbers it was given."""


def find_changes(
    proposed: Sequence[RoutingOperation], decided: Sequence[RoutingOperation]
) -> tuple[OperationChange, ...]:
    """Return what makes the decided routing of the proposed one: removed first, then by place in the decided one.

    Operations are known again by their code. One that stands elsewhere among the others was moved; one
    that was moved and has other times, too, is told twice.

    >>> cut = RoutingOperation(10, "CUT", "Sawing", "W1", True, 5.0, 1.0)
    >>> lap = RoutingOperation(20, "LAP", "Lapping", "W2", True, 9.0, 2.0)
    >>> pack = RoutingOperation(30, "PACK", "Packing", "W3", True, 0.0, 0.1)
    >>> slower = RoutingOperation(20, "LAP", "Lapping", "W2", True, 9.0, 2.5)
    >>> for change in find_changes((cut, lap), (slower, pack)):
    ...     print(change.kind.value, change.operation_code, change.proposed_place, change.decided_place, change.fields)
    removed CUT 1 None ()
    changed LAP 2 1 (FieldChange(field='run_minutes_per_unit', proposed=2.0, decided=2.5),)
    added PACK None 2 ()
    """
    kept = align([step.operation_code for step in proposed], [step.operation_code for step in decided])
    moved = _moved(proposed, decided, kept)
    gone = set(range(len(proposed))) - {place for place, _ in (*kept, *moved)}
    new = set(range(len(decided))) - {place for _, place in (*kept, *moved)}
    changes = [_change(ChangeKind.ADDED, decided[i].operation_code, None, i) for i in new]
    changes += [_change(ChangeKind.MOVED, decided[j].operation_code, i, j) for i, j in moved]
    for i, j in (*kept, *moved):
        fields = _changed_fields(proposed[i], decided[j])
        changes += [_change(ChangeKind.CHANGED, decided[j].operation_code, i, j, fields)] if fields else []
    removed = [_change(ChangeKind.REMOVED, proposed[i].operation_code, i, None) for i in sorted(gone)]
    return (*removed, *sorted(changes, key=lambda change: change.decided_place or 0))


def _moved(
    proposed: Sequence[RoutingOperation], decided: Sequence[RoutingOperation], kept: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return index pairs of equal codes among the operations that are not aligned, the first with the first."""
    left, right = {i for i, _ in kept}, {j for _, j in kept}
    free = [j for j in range(len(decided)) if j not in right]
    pairs = []
    for i, step in enumerate(proposed):
        same = next((j for j in free if decided[j].operation_code == step.operation_code), None)
        if i not in left and same is not None:
            free.remove(same)
            pairs.append((i, same))
    return pairs


def _changed_fields(proposed: RoutingOperation, decided: RoutingOperation) -> tuple[FieldChange, ...]:
    pairs = ((name, getattr(proposed, name), getattr(decided, name)) for name in COMPARED)
    return tuple(FieldChange(name, before, after) for name, before, after in pairs if not _same(before, after))


def _same(before: FieldValue, after: FieldValue) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-9)
    return before == after


def _change(
    kind: ChangeKind,
    code: str,
    proposed_index: int | None,
    decided_index: int | None,
    fields: tuple[FieldChange, ...] = (),
) -> OperationChange:
    return OperationChange(kind, code, _place(proposed_index), _place(decided_index), fields)


def _place(index: int | None) -> int | None:
    return None if index is None else index + 1
