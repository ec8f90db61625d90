"""Which of the newest days a training does not learn from, so that there is unseen work to judge by."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.config_keys import IterTrainingConfig
from backend.iter_training.evaluation.holdout import mature_work, newest_finish, unseen_work
from backend.iter_training.evaluation.selection import SELECTION_TENTHS

_JUDGED_TIMES: Final = 4
"""Operations to set apart, as a multiple of those a judgement needs: three in ten items choose, the others judge."""
PROOF: Final = 3000
"""With so many set apart, about 2,000 judge; fewer hardly tell a gain of some per cent from chance."""
MOST_FOR_PROOF: Final = 0.05
"""Of the finished rows: a long record can spare them, a short one needs them to learn from."""
MOST_TO_JUDGE: Final = 1 / 3


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
        judging = 1 - SELECTION_TENTHS / 10
        scored = config.evaluation.min_operations
        needed = max(_JUDGED_TIMES * scored, math.ceil(config.gate.min_compared_operations / judging))
        days = days_set_apart(work_orders, until, config.training.holdout_days, needed, scored)
        return cls(until - timedelta(days=days), until, days)


def days_set_apart(work_orders: pl.DataFrame, until: datetime, asked: float, needed: int, scored: int = 0) -> float:
    """Return how many of the newest days to set apart: more than asked where they hold too little to judge by.

    Lots that take weeks, or come rarely, would leave fewer than the `needed` operations of whole lots to a gate, or
    no cohort old enough for an evaluation to have `scored` operations. The days are doubled while that is so and
    two thirds of the finished rows stay to learn from; and further, for PROOF, while nearly all of them do.
    """
    finished = work_orders["finished_at"].drop_nulls()
    days = asked
    while True:
        after = until - timedelta(days=days)
        whole = unseen_work(work_orders, after, until).rows.height
        enough = whole >= needed and mature_work(work_orders, after, until).rows.height >= scored
        if enough and whole >= PROOF:
            return days
        longer = int((finished > until - timedelta(days=2 * days)).sum())
        if longer > len(finished) * (MOST_FOR_PROOF if enough else MOST_TO_JUDGE):
            return days
        days *= 2
