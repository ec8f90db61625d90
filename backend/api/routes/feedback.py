"""Planners' decisions about proposed routings: keeping them, listing them, and how far planners agree."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.authorisation import IdentityDep
from backend.api.schemas.common import ItemCode, Limit
from backend.api.schemas.feedback import Agreement, FeedbackList, FeedbackRequest, FeedbackView, NewestFeedbackRequest
from backend.api.services import ServicesDep, StateDep
from backend.monitoring.feedback import list_decisions, newest_decisions, planner_agreement, store_decision

router = APIRouter(prefix="/api/feedback", tags=["feedback"])


@router.post("", status_code=201)
def decide(body: FeedbackRequest, services: ServicesDep, state: StateDep, identity: IdentityDep) -> FeedbackView:
    """Keep a routing that a planner accepted or edited, with what was changed; earlier decisions stay.

    `planner` is who has logged in; keys and local requests may name somebody.
    A decision that contradicts its two routings is refused: accepted with changes, or edited without.
    """
    return FeedbackView.of(store_decision(state, body.value(identity), services.clock()))


@router.get("")
def list_feedback(
    state: StateDep,
    item_code: Annotated[ItemCode | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="page back: only decisions before this feedback_id")
    ] = None,
) -> FeedbackList:
    """List decisions, newest first."""
    found = list_decisions(state, limit, item_code=item_code, before=before)
    return FeedbackList(feedback=tuple(FeedbackView.of(stored) for stored in found))


@router.post("/newest")
def newest(body: NewestFeedbackRequest, state: StateDep) -> FeedbackList:
    """Show the newest decision of each of these items; items that nobody has decided on are left out."""
    found = newest_decisions(state, body.item_codes)
    return FeedbackList(feedback=tuple(FeedbackView.of(stored) for stored in found))


@router.get("/agreement")
def agreement(services: ServicesDep, state: StateDep, days: Annotated[int, Query(ge=1, le=3650)] = 90) -> Agreement:
    """Say how far planners agreed with proposals: the share accepted as proposed, and how alike the sequences are."""
    return Agreement.of(days, planner_agreement(state, days, services.clock()))
