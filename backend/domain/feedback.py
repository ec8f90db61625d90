"""What planners decide about proposed routings, and what they change in them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from backend.domain.prediction import AttributeValue
from backend.domain.routing import RoutingOperation

FieldValue: TypeAlias = str | float | bool


class DecisionKind(StrEnum):
    """How a planner left a proposed routing."""

    ACCEPTED = "accepted"
    """As it was proposed."""
    EDITED = "edited"


class ChangeKind(StrEnum):
    """What became of one operation."""

    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an operation, as proposed and as decided."""

    field: str
    proposed: FieldValue
    decided: FieldValue


@dataclass(frozen=True, slots=True)
class OperationChange:
    """One difference between a proposed and a decided routing; places count from 1, None where it is not there."""

    kind: ChangeKind
    operation_code: str
    proposed_place: int | None
    decided_place: int | None
    fields: tuple[FieldChange, ...] = ()
    """Of a changed operation."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One routing that a planner has dealt with, named by an item code or by attributes."""

    kind: DecisionKind
    item_code: str | None
    attributes: dict[str, AttributeValue] | None
    quantity: float | None
    model_version: str
    proposed: tuple[RoutingOperation, ...]
    decided: tuple[RoutingOperation, ...]
    planner: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it is kept, for good; the timestamp is naive UTC."""

    feedback_id: int
    created_at: datetime
    decision: Decision
    changes: tuple[OperationChange, ...]
    process_match: float
    """Of the decided operation sequence against the proposed one."""


@dataclass(frozen=True, slots=True)
class PlannerAgreement:
    """How far planners agreed with what was proposed since a moment (naive UTC); None where nothing was decided."""

    since: datetime
    decisions: int
    accepted: int
    items: int
    """Different items (each item without a code counts) among the decisions."""
    accepted_share: float | None
    process_match: float | None
    """Of decided against proposed sequences, an item's decisions averaged first."""
