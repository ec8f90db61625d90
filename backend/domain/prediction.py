"""What is asked of the model and what it answers."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from backend.domain.records import record

AttributeValue: TypeAlias = str | float | None


class PredictionStatus(StrEnum):
    """How one item of a batch fared; the batch itself is never failed by an item."""

    OK = "ok"
    LOW_EVIDENCE = "low_evidence"
    """Answered, but the best candidate's probability is below the configured floor."""
    STALE = "stale"
    """Answered from the bundle while the plant's database cannot be reached."""
    NOT_FOUND = "not_found"
    """Neither the bundle nor the plant's database knows the code, or the latter only by other attributes."""
    SOURCE_UNAVAILABLE = "source_unavailable"
    """The bundle does not know the code and the plant's database cannot be reached."""
    INVALID = "invalid"
    """The attributes given cannot be read; the message says which and why."""


MOST_EVIDENCE: Final = 255
"""Rows of an item's operation are counted up to here (a byte holds them); this many stands for as many or more."""


@record
class PredictionQuery:
    """One item to predict: a code, or attributes of an item that the ERP does not know yet."""

    item_code: str | None = None
    attributes: Mapping[str, AttributeValue] | None = None
    quantity: float | None = None


@record
class MinutesRange:
    """An 80 % range of minutes."""

    low: float
    high: float


@record
class ElapsedDays:
    """Calendar days that an operation adds to a lot's lead time, waiting included, and their standard deviation.

    They run from the finish of the operation before it (of the first: from the lot's release) to its own.
    """

    days: float
    deviation_days: float


@record
class PredictedOperation:
    """One step of a proposed routing; minutes with their 80 % ranges."""

    sequence: int
    operation_code: str
    operation_name: str
    work_centre: str
    in_house: bool
    setup_minutes: float
    setup_range: MinutesRange
    run_minutes_per_unit: float
    run_range: MinutesRange
    lot_minutes: float
    """setup + run per unit x quantity."""
    lot_range: MinutesRange
    evidence_count: int
    """Work-order rows of this very item and operation behind the times (0: model only); see MOST_EVIDENCE."""
    elapsed: ElapsedDays | None = None


@record
class TotalSpread:
    """From which numbers, with the minutes of the operations, a total and its range follow (ml.routing_totals)."""

    correlation: float
    """How far errors of one lot's operations go together: 0 not at all, 1 entirely."""
    low_factor: float
    high_factor: float
    """Deviations of the total that the range reaches below it and above it."""
    lean: float = 0.0
    """What the total usually is longer than its operations' medians together, of how lopsided their ranges are."""


class NoLeadTime(StrEnum):
    """Why there is no lead time."""

    NO_RELEASE_DATES = "no_release_dates"
    """The plant's work orders do not say when they were released."""
    TOO_FEW_LOTS = "too_few_lots"
    NOT_LEARNT = "not_learnt"
    """An earlier release has trained the model."""
    NO_SUCH_LOTS = "no_such_lots"
    """The routing has in-house, or outsourced, operations, and no lot shows how long any such takes."""


@record
class LeadTime:
    """Calendar days from a lot's release to the finish of its last operation, with their 80 % range."""

    expected_days: float
    low_days: float
    high_days: float
    spread: TotalSpread
    """With which the range of an edited routing is computed."""
    usual_in_house: ElapsedDays | None
    usual_outsourced: ElapsedDays | None
    """Of operations that the model has not predicted; null where no lot shows one."""


@record
class Candidate:
    """One whole routing with the calibrated probability that its operation sequence is right."""

    probability: float
    operations: tuple[PredictedOperation, ...]
    total_minutes: float
    """The median of what such lots take: of many operations it is more than the sum of theirs (see TotalSpread)."""
    total_range: MinutesRange | None = None
    """80 % range of the total, where this routing is made; null from models that could not learn it."""
    total_spread: TotalSpread | None = None
    """With which the range of an edited routing is computed."""
    lead_time: LeadTime | None = None
    no_lead_time: NoLeadTime | None = None
    """Why there is none."""


@record
class SimilarItem:
    """An item whose routing backs the proposal."""

    item_code: str
    similarity: float
    operation_codes: tuple[str, ...]
    work_order_codes: tuple[str, ...]
    alike: tuple[str, ...]
    """Names of attributes that are equal and count most in the match."""
    differs: tuple[str, ...]


@record
class AttributeInfluence:
    """How much one attribute drove the match (shares add up to at most 1)."""

    attribute: str
    share: float


@record
class Effect:
    """Something that changed the answer, and by which factor: above 1 it raised it, below 1 it lowered it."""

    cause: str
    """The name of an attribute."""
    factor: float


@record
class OperationReason:
    """Why an operation is in the first routing, or was left out though it came near."""

    operation_code: str
    included: bool
    presence: tuple[Effect, ...]
    """What moved it in (or out): factors on its odds, strongest first."""
    run_minutes: tuple[Effect, ...]
    """What made it longer or shorter than usual: factors on its run time, strongest first."""


@record
class ItemPrediction:
    """The answer for one query; the most probable candidate comes first.

    Where none is likely, the first is the one that is most like the probable ones.
    """

    item_code: str | None
    status: PredictionStatus
    message: str
    quantity: float
    candidates: tuple[Candidate, ...] = ()
    similar_items: tuple[SimilarItem, ...] = ()
    influences: tuple[AttributeInfluence, ...] = ()
    reasons: tuple[OperationReason, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """Return the first routing, or None where nothing could be proposed."""
        return self.candidates[0] if self.candidates else None


@record
class PredictionAnswer:
    """Answers in the order of the queries, all from one model version."""

    predictions: tuple[ItemPrediction, ...]
    model_version: str
    data_cutoff: datetime | None
