"""What the endpoints of planners' decisions take and give."""

from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from backend.api.schemas.common import MOST_ITEMS, NO_CONTROL_CHARACTERS, Answer, ItemCode, Quantity, Request, UtcTime
from backend.api.schemas.prediction import Attributes
from backend.api.schemas.routings import Operations
from backend.domain.access import Identity
from backend.domain.feedback import Decision, DecisionKind, OperationChange, PlannerAgreement, StoredDecision
from backend.domain.prediction import AttributeValue
from backend.domain.routing import RoutingOperation

_OPERATION: Final[dict[str, Any]] = {
    "sequence": 10,
    "operation_code": "OP10",
    "operation_name": "선삭",
    "work_centre": "WC-T01",
    "in_house": True,
    "setup_minutes": 25.0,
    "run_minutes_per_unit": 4.2,
}
_SENT: Final[dict[str, Any]] = {
    "item_code": "ITEM001",
    "quantity": 20.0,
    "model_version": "version_20251022T140000Z_g000017",
    "decision": "edited",
    "proposed": [_OPERATION],
    "decided": [_OPERATION | {"run_minutes_per_unit": 5.0}],
    "planner": "김계획",
    "note": "new tool",
}
_STORED: Final[dict[str, Any]] = _SENT | {
    "feedback_id": 41,
    "created_at": "2025-10-22T14:03:11Z",
    "attributes": None,
    "changes": [
        {
            "kind": "changed",
            "operation_code": "OP10",
            "proposed_place": 1,
            "decided_place": 1,
            "fields": [{"field": "run_minutes_per_unit", "proposed": 4.2, "decided": 5.0}],
        }
    ],
    "process_match": 1.0,
}


class FeedbackRequest(Request):
    """A routing that a planner accepted as it was proposed, or edited."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENT]})

    item_code: ItemCode | None = None
    attributes: Attributes | None = Field(default=None, description="of an item that was predicted from them")
    quantity: Quantity | None = None
    model_version: Annotated[str, StringConstraints(pattern=r"^version_[0-9A-Za-z_]{1,64}$")]
    decision: DecisionKind
    proposed: Operations = Field(description="the first candidate, as it was shown")
    decided: Operations = Field(description="the routing as the planner left it")
    planner: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_CONTROL_CHARACTERS)] | None = (
        Field(
            default=None,
            description="who decided; taken on trust from keys and local requests, else who has logged in",
        )
    )
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.item_code is None and not self.attributes:
            raise PydanticCustomError("empty_item", "a decision needs an item_code or attributes")
        return self

    def value(self, identity: Identity) -> Decision:
        """Return it as the product's own value, decided by whom a session, or else the request, names."""
        return Decision(
            kind=self.decision,
            item_code=self.item_code,
            attributes=dict(self.attributes) if self.attributes else None,
            quantity=self.quantity,
            model_version=self.model_version,
            proposed=tuple(step.value() for step in self.proposed),
            decided=tuple(step.value() for step in self.decided),
            planner=_planner(self.planner, identity),
            note=self.note,
        )


def _planner(named: str | None, identity: Identity) -> str:
    return identity.name if identity.how == "session" else named or identity.name


class FeedbackView(Answer):
    """A decision as it is kept, with what was changed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STORED]})

    feedback_id: int
    created_at: UtcTime
    item_code: str | None
    attributes: dict[str, AttributeValue] | None
    quantity: float | None
    model_version: str
    decision: DecisionKind
    proposed: tuple[RoutingOperation, ...]
    decided: tuple[RoutingOperation, ...]
    changes: tuple[OperationChange, ...] = Field(description="removed operations first; places count from 1")
    process_match: float = Field(description="of the decided operation sequence against the proposed one")
    planner: str | None
    note: str | None

    @classmethod
    def of(cls, stored: StoredDecision) -> Self:
        """Write one decision."""
        made = stored.decision
        return cls(
            feedback_id=stored.feedback_id,
            created_at=stored.created_at,
            item_code=made.item_code,
            attributes=made.attributes,
            quantity=made.quantity,
            model_version=made.model_version,
            decision=made.kind,
            proposed=made.proposed,
            decided=made.decided,
            changes=stored.changes,
            process_match=stored.process_match,
            planner=made.planner,
            note=made.note,
        )


class NewestFeedbackRequest(Request):
    """Up to 1,000 items whose newest decisions are wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"item_codes": ["ITEM001", "ITEM002"]}]})

    item_codes: tuple[ItemCode, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class FeedbackList(Answer):
    """Decisions; a list of all of them has the newest first."""

    feedback: tuple[FeedbackView, ...]


class Agreement(Answer):
    """How far planners agreed with what was proposed; null where nothing was decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "days": 90,
                    "since": "2025-07-24T14:00:00Z",
                    "decisions": 12,
                    "accepted": 9,
                    "edited": 3,
                    "items": 11,
                    "accepted_share": 0.75,
                    "process_match": 0.9636,
                }
            ]
        }
    )

    days: int
    since: UtcTime
    decisions: int
    accepted: int
    edited: int
    items: int = Field(description="different items among the decisions")
    accepted_share: float | None = Field(description="share of decisions that left the proposal as it was")
    process_match: float | None = Field(description="of decided against proposed sequences, averaged over items")

    @classmethod
    def of(cls, days: int, found: PlannerAgreement) -> Self:
        """Write the figures of some days."""
        return cls(
            days=days,
            since=found.since,
            decisions=found.decisions,
            accepted=found.accepted,
            edited=found.decisions - found.accepted,
            items=found.items,
            accepted_share=found.accepted_share,
            process_match=found.process_match,
        )
