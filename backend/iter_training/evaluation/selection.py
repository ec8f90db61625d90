"""Sets items apart for choosing among challengers, so that the gate judges the chosen one afresh."""

import zlib
from typing import Final

from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.paired_test import LOG_ERROR_CAP, log_errors, paired_test
from backend.ml.judging.comparison import Comparison, summarise

SELECTION_TENTHS: Final = 3
CHANCE: Final = 0.01
"""A family is taken before an earlier one where chance would make it look so much better in one of a hundred.

One in twenty was too easy: of fifteen trainings on parts of one plant, three chose a family that was worse for
new items.
"""


def is_for_selection(item_code: str) -> bool:
    """Tell on which side an item is: three in ten choose, the others judge; always the same ones."""
    return zlib.crc32(item_code.encode("utf-8", "surrogatepass")) % 10 < SELECTION_TENTHS


def side_of(window: JudgeableWork, *, selection: bool) -> JudgeableWork:
    """Return the lots of the items that choose, or of those that judge."""
    codes = window.items()["item_code"].to_list()
    return window.of_items([code for code in codes if is_for_selection(code) == selection])


def mean_loss(comparison: Comparison) -> float:
    """Return the mean loss of an operation: its |log error|, or the cap where the sequence missed it."""
    operations, match = comparison.operations, summarise(comparison).process_match or 0.0
    errors = log_errors(operations["predicted_minutes"], operations["actual_minutes"])
    return match * (float(errors.mean()) if errors.size else 0.0) + (1 - match) * LOG_ERROR_CAP


def clearly_better(one: Comparison, other: Comparison) -> bool:
    """Tell whether one model beats another on the same operations by more than chance.

    Few operations set apart would make the choice between equals a coin's.
    """
    columns = ["row", "item_code", "predicted_minutes", "actual_minutes"]
    both = one.operations.select(columns).join(other.operations.select(columns), on="row", suffix="_other")
    actual = both["actual_minutes"]
    losses = log_errors(both["predicted_minutes_other"], actual), log_errors(both["predicted_minutes"], actual)
    return mean_loss(one) < mean_loss(other) and paired_test(*losses, both["item_code"]).p_better < CHANCE
