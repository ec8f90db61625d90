"""From arrays of many queries to the answers that people read."""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

from backend.domain.prediction import (
    Candidate,
    ElapsedDays,
    ItemPrediction,
    LeadTime,
    MinutesRange,
    NoLeadTime,
    OperationReason,
    PredictedOperation,
    PredictionStatus,
    TotalSpread,
)
from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints
from backend.ml.explaining.evidence import SimilarItems
from backend.ml.history.routing_book import RoutingBook
from backend.ml.questioning import Asked
from backend.ml.routings.proposing import RoutingProposals
from backend.ml.times.lead_times import Learnt
from backend.ml.times.routing_totals import Parts, TotalRanges
from backend.ml.times.time_model import Minutes, OperationMinutes

SEQUENCE_STEP: Final = 10
"""Operations are numbered 10, 20, 30, as planners do, so that steps can be put between."""
_DOUBT: Final = "no whole routing is likely to be right to the last operation, check the proposal"


@record
class Evidence:
    """What backs one answer: similar items with the attributes' shares, and reasons per operation."""

    similar: SimilarItems
    reasons: tuple[OperationReason, ...]


NO_EVIDENCE: Final = Evidence(((), ()), ())


_Step: TypeAlias = tuple[
    str, str, str, bool, float, MinutesRange, float, MinutesRange, float, MinutesRange, int, ElapsedDays | None
]
"""A PredictedOperation without its place in the routing, which is its first field."""
_Ranged: TypeAlias = tuple[float, MinutesRange | None, TotalSpread | None]
_Lasting: TypeAlias = tuple[LeadTime | None, NoLeadTime | None]


class Composer:
    """Puts answers together; names are decoded once for all of them."""

    def __init__(self, book: RoutingBook, totals: TotalRanges | None, lead_times: Learnt) -> None:
        self._totals, self._lead_times = totals, lead_times
        codes, names, centres = book.operations[:], book.operation_names[:], book.centres[:]
        steps = zip(book.step_operation.tolist(), book.step_centre.tolist(), book.step_in_house.tolist(), strict=True)
        self._usual: list[ElapsedDays | None] = []
        self._elapsed: list[ElapsedDays | None] = [None] * len(book.step_operation)
        if not isinstance(lead_times, NoLeadTime):
            self._usual = _elapsed_days(lead_times.usual_days, lead_times.usual_deviation_days)
            self._elapsed = _elapsed_days(lead_times.days, lead_times.deviation_days)
        self._steps = [(codes[o], names[o], centres[c], in_house) for o, c, in_house in steps]

    def compose(
        self,
        asked: Sequence[Asked],
        found: RoutingProposals,
        minutes: OperationMinutes,
        evidence: Sequence[Evidence],
        low_evidence_probability: float,
    ) -> list[ItemPrediction]:
        """Return one answer per query; `minutes` go with the steps of `found`."""
        steps, routing = self._timed(found, minutes), found.steps.row_of_values()
        ranges, lasting = self._ranges(found, minutes, routing), self._lasting(found, routing)
        candidates = _candidates(found, steps, ranges, lasting)
        rows = found.sequences.offsets.tolist()
        answers = []
        for each, first, last, why in zip(asked, rows[:-1], rows[1:], evidence, strict=True):
            unsure = candidates[first].probability < low_evidence_probability
            status = PredictionStatus.LOW_EVIDENCE if unsure else PredictionStatus.OK
            message = "; ".join(part for part in (_DOUBT if unsure else "", each.message) if part)
            own = tuple(candidates[first:last])
            answers.append(ItemPrediction(each.code, status, message, each.quantity, own, *why.similar, why.reasons))
        return answers

    def _ranges(self, found: RoutingProposals, minutes: OperationMinutes, routing: Ints) -> list[_Ranged]:
        """Return each candidate's total, its range, and what both follow from; `routing` goes with its steps."""
        lot, step = minutes.lot, found.steps.values
        value, low, high, knowledge = (each[step] for each in (lot.value, lot.low, lot.high, minutes.knowledge))
        parts = Parts(value, low, high, knowledge, routing, len(found.steps))
        if self._totals is None:
            return [(total, None, None) for total in parts.total().tolist()]
        rows = zip(*(each.tolist() for each in self._totals.of(parts).columns()), strict=True)
        return [(total, MinutesRange(low, high), TotalSpread(*spread)) for total, low, high, *spread in rows]

    def _timed(self, found: RoutingProposals, minutes: OperationMinutes) -> list[_Step]:
        columns = [*_columns(minutes.setup), *_columns(minutes.run), *_columns(minutes.lot)]
        rows = zip(found.step.tolist(), zip(*columns, strict=True), minutes.evidence.tolist(), strict=True)
        return [(*self._steps[step], *times, count, self._elapsed[step]) for step, times, count in rows]

    def _lasting(self, found: RoutingProposals, routing: Ints) -> list[_Lasting]:
        """Return the lead time of each candidate, or why there is none."""
        known = self._lead_times
        if isinstance(known, NoLeadTime):
            return [(None, known)] * len(found.steps)
        outsourced, in_house = self._usual
        expected, ranges = known.of(found.step[found.steps.values], routing, len(found.steps))
        rows = zip(expected.tolist(), *(each.tolist() for each in ranges.columns()), strict=True)
        return [
            (None, NoLeadTime.NO_SUCH_LOTS)
            if math.isnan(days)
            else (LeadTime(days, low, high, TotalSpread(*spread), in_house, outsourced), None)
            for days, _, low, high, *spread in rows
        ]


def _elapsed_days(days: Floats, deviation: Floats) -> list[ElapsedDays | None]:
    """Return a pair each; None where no lot tells (NaN)."""
    rows = zip(days.tolist(), deviation.tolist(), strict=True)
    return [None if math.isnan(each) else ElapsedDays(each, around) for each, around in rows]


def _columns(minutes: Minutes) -> tuple[list[float], list[MinutesRange]]:
    return minutes.value.tolist(), list(map(MinutesRange, minutes.low.tolist(), minutes.high.tolist()))


def _candidates(
    found: RoutingProposals,
    steps: list[_Step],
    ranges: list[_Ranged],
    lasting: list[_Lasting],
) -> list[Candidate]:
    """Return all candidates of all queries; what stands at the same place in several is made once."""
    made: dict[tuple[int, int], PredictedOperation] = {}
    numbers, offsets = found.steps.values.tolist(), found.steps.offsets.tolist()
    candidates = []
    rows = zip(found.chances.tolist(), ranges, lasting, offsets[:-1], offsets[1:], strict=True)
    for chance, ranged, lead_time, first, last in rows:
        own = numbers[first:last]
        for place in enumerate(own):
            if place not in made:
                made[place] = PredictedOperation((place[0] + 1) * SEQUENCE_STEP, *steps[place[1]])
        operations = tuple([made[place] for place in enumerate(own)])
        candidates.append(Candidate(chance, operations, *ranged, *lead_time))
    return candidates
