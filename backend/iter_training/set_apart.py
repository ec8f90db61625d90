"""Which of the newest days a training does not learn from, so that there is unseen work to judge by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.iter_training.holdout import newest_finish, unseen_work
from backend.settings import IterTrainingConfig

PLENTY: Final = 50
_JUDGED_TIMES: Final = 4
"""Operations to set apart, as a multiple of those a judgement needs: three in ten items choose, the others judge."""


@dataclass(frozen=True, slots=True)
class SetApart:
    """The newest days of finished work, by the plant's own calendar (naive UTC)."""

    after: datetime
    """What finished at or before this is learnt from."""
    until: datetime
    days: float

    @classmethod
    def of(cls, work_orders: pl.DataFrame, config: IterTrainingConfig) -> "SetApart | None":
        """Set days apart as configured, more where those hold too little; None where nothing is finished."""
        until = newest_finish(work_orders)
        if until is None:
            return None
        needed = _JUDGED_TIMES * config.evaluation.min_operations
        days = days_set_apart(work_orders, until, config.training.holdout_days, needed)
        return cls(until - timedelta(days=days), until, days)


def days_set_apart(work_orders: pl.DataFrame, until: datetime, asked: float, needed: int) -> float:
    """Return how many of the newest days to set apart: more than asked where they hold too few whole lots.

    Lots that take weeks, or come rarely, would leave fewer than the `needed` operations to judge by. The days are
    doubled while at least two thirds of the finished rows stay to learn from.
    """
    finished = work_orders["finished_at"].drop_nulls()

    def holds_enough(after: datetime) -> bool:
        plenty = int((finished > after).sum()) > PLENTY * needed  # spares large plants the exact count
        return plenty or unseen_work(work_orders, after, until).rows.height >= needed

    days = asked
    while not holds_enough(until - timedelta(days=days)):
        longer = 2 * days
        if int((finished <= until - timedelta(days=longer)).sum()) * 3 < len(finished) * 2:
            break
        days = longer
    return days
