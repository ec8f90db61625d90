"""Scores of one predictor on one group of lots, alone and beside the oracle on the same operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from backend.domain.prediction import ItemPrediction, MinutesRange
from backend.ml.judging import metrics
from backend.ml.judging.alignment import align, sequence_match
from backend.ml.judging.comparison import ActualLot

SURE: Final = 0.9
_BINS: Final = 10
STEPS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "work_centre": pl.String(),
    "in_house": pl.Boolean(),
    "setup_minutes": pl.Float64(),
    "lot_minutes": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}
"""What a predictor says of an actual operation (`row`); null where it says nothing."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one predictor says of a group's lots."""

    steps: pl.DataFrame
    """STEPS: proposed operations that were done (aligned by code), or all of them if only times are predicted."""
    sequences: list[tuple[str, ...]] | None = None
    """Proposed operation codes per lot; None for a predictor of times alone."""
    probability: npt.NDArray[np.float64] | None = None
    """Per lot: given to the proposed sequence; None where the predictor gives none."""
    totals: list[MinutesRange | None] | None = None
    """Per lot: the range of the proposed routing's total; None for a predictor without such ranges."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lots that are judged together, and what was done."""

    lots: list[ActualLot]
    actual: pl.DataFrame
    """row, item_code, operation_code, and actual_centre, _in_house, _minutes, _setup (null: not judged)."""


def group_of(lots: list[ActualLot], setup_minutes: dict[int, float]) -> Group:
    """Lay the operations of some lots out."""
    rows = [
        (row, lot.item_code, code, centre, in_house, minutes, setup_minutes.get(row))
        for lot in lots
        for row, code, centre, in_house, minutes in zip(
            lot.rows, lot.operation_codes, lot.work_centres, lot.in_house, lot.minutes, strict=True
        )
    ]
    schema = {
        "row": pl.Int64(),
        "item_code": pl.String(),
        "operation_code": pl.String(),
        "actual_centre": pl.String(),
        "actual_in_house": pl.Boolean(),
        "actual_minutes": pl.Float64(),
        "actual_setup": pl.Float64(),
    }
    return Group(lots, pl.DataFrame(rows, schema=schema, orient="row"))


def pooled(groups: Sequence[Group]) -> Group:
    """Return groups whose row numbers differ as one."""
    return Group([lot for group in groups for lot in group.lots], pl.concat([group.actual for group in groups]))


def pooled_answers(answers: Sequence[Answers]) -> Answers:
    """Return one predictor's answers for groups that are pooled in the same order."""
    sequences = [each.sequences for each in answers if each.sequences is not None]
    chances = [each.probability for each in answers if each.probability is not None]
    totals = [each.totals for each in answers if each.totals is not None]
    return Answers(
        pl.concat([each.steps for each in answers]),
        [codes for part in sequences for codes in part] if len(sequences) == len(answers) else None,
        np.concatenate(chances) if len(chances) == len(answers) else None,
        [each for part in totals for each in part] if len(totals) == len(answers) else None,
    )


def answers_of(lots: Sequence[ActualLot], predictions: Sequence[ItemPrediction]) -> Answers:
    """Return whole predictions in the form that is scored."""
    rows: list[tuple[object, ...]] = []
    sequences = []
    for lot, prediction in zip(lots, predictions, strict=True):
        operations = prediction.best.operations if prediction.best else ()
        codes = tuple(operation.operation_code for operation in operations)
        sequences.append(codes)
        for i, j in align(codes, lot.operation_codes):
            step = operations[i]
            times = (step.setup_minutes, step.lot_minutes, step.lot_range.low, step.lot_range.high)
            rows.append((lot.rows[j], step.work_centre, step.in_house, *times))
    chances = np.array([each.best.probability if each.best else 0.0 for each in predictions])
    totals = [each.best.total_range if each.best else None for each in predictions]
    return Answers(pl.DataFrame(rows, schema=STEPS, orient="row"), sequences, chances, totals)


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares between 0 and 1, ratios to the oracle's error; None where the predictor says nothing of the kind."""

    lots: int
    exact: float | None
    process_match: float | None
    work_centre: float | None
    in_house: float | None
    mae_minutes: float | None
    time_ratio: float | None
    """Error of lot minutes / the oracle's, over operations that both predict."""
    setup_ratio: float | None
    sure: float | None
    """Share of lots whose sequence is given at least SURE."""
    sure_right: float | None
    calibration_error: float | None
    missing: float
    """Share of the judged operations that this predictor's sequence lacks."""


def score(group: Group, answers: Answers, oracle: Answers) -> Scores:
    """Score one predictor on one group beside the oracle."""
    told = group.actual.join(answers.steps, on="row")
    both = told.join(oracle.steps, on="row", suffix="_oracle")
    sure, sure_right, error = _calibration(group.lots, answers)
    exact, match = _sequence_scores(group.lots, answers)
    return Scores(
        lots=len(group.lots),
        exact=exact,
        process_match=match,
        work_centre=_share_right(told, "work_centre", "actual_centre"),
        in_house=_share_right(told, "in_house", "actual_in_house"),
        mae_minutes=_mae(told, "lot_minutes", "actual_minutes"),
        time_ratio=_ratio(both, "lot_minutes", "actual_minutes"),
        setup_ratio=_ratio(both, "setup_minutes", "actual_setup"),
        sure=sure,
        sure_right=sure_right,
        calibration_error=error,
        missing=1 - told.height / max(group.actual.height, 1),
    )


def _sequence_scores(lots: Sequence[ActualLot], answers: Answers) -> tuple[float | None, float | None]:
    if answers.sequences is None:
        return None, None
    items = [lot.item_code for lot in lots]
    pairs = list(zip(answers.sequences, (lot.operation_codes for lot in lots), strict=True))
    exact = metrics.exact_match([codes == actual for codes, actual in pairs], items)
    return exact, metrics.process_match([sequence_match(codes, actual) for codes, actual in pairs], items)


def _calibration(lots: Sequence[ActualLot], answers: Answers) -> tuple[float | None, float | None, float | None]:
    """Return share of sure answers, share of these that are right, expected calibration error (ten equal bins)."""
    if answers.sequences is None or answers.probability is None or not lots:
        return None, None, None
    right = np.array([codes == lot.operation_codes for codes, lot in zip(answers.sequences, lots, strict=True)])
    return calibration(answers.probability, right)


def calibration(
    probability: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> tuple[float, float | None, float]:
    """Return share of sure answers, share of these that are right, expected calibration error (ten equal bins)."""
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    surplus = np.bincount(bins, weights=right - probability, minlength=_BINS)
    sure = probability >= SURE
    sure_right = float(right[sure].mean()) if sure.any() else None
    return float(sure.mean()), sure_right, float(np.abs(surplus).sum() / len(right))


def _share_right(told: pl.DataFrame, said: str, actual: str) -> float | None:
    both = told.drop_nulls([said, actual])
    return float((both[said] == both[actual]).to_numpy().mean()) if both.height else None


def _mae(told: pl.DataFrame, said: str, actual: str) -> float | None:
    both = told.drop_nulls([said, actual])
    return metrics.mae(both[said], both[actual])


def _ratio(both: pl.DataFrame, said: str, actual: str) -> float | None:
    rows = both.drop_nulls([said, f"{said}_oracle", actual])
    own = float((rows[said] - rows[actual]).abs().sum())
    best = float((rows[f"{said}_oracle"] - rows[actual]).abs().sum())
    return own / best if best > 0 else None
