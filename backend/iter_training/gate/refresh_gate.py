"""Decides whether a refreshed version replaces its parent: it need not be better, but must not be worse."""

from typing import Final

import numpy as np
import polars as pl

from backend.config_keys import GateSettings
from backend.domain.models import GateCheck, GateDecision
from backend.iter_training.evaluation.paired_test import PairedResult, paired_test
from backend.iter_training.gate.gate import BundleFacts, JudgedModel, check_bundle, check_enough, conclude
from backend.iter_training.gate.gate_checks import (
    CAPPED_ERROR_QUANTILE,
    MAX_COVERAGE_DROP,
    MAX_MINUTES_LOSS_PCT,
    PairedEvidence,
    check_segments,
)

WORSE_LEVEL: Final = 0.01
"""A refresh that changes nothing is refused by chance about once in a hundred, and tried again with the next work."""
WORSE_PCT: Final = 0.5
"""Less is no reason to stay behind the plant, however sure it is."""
SEGMENT_LEVEL: Final = 0.001
"""Each segment's own; there are many, and a refresh is judged every day."""
DIMENSIONS: Final = ("operation_code", "work_centre")


def decide_refresh(
    parent: JudgedModel, refreshed: JudgedModel, facts: BundleFacts, settings: GateSettings, min_operations: int
) -> GateDecision:
    """Judge a refreshed model against its parent on the same operations, which neither has seen.

    Better is not asked for: most days bring nothing new, and what a refresh is for, a step of the plant,
    must be followed on the day it shows. A day has few operations, so a loss counts only if it is no chance.
    """
    paired = PairedEvidence.of(parent.comparison, refreshed.comparison)
    compared = paired.operations.height
    checks = (
        *check_bundle(facts, settings),
        check_enough(compared, min_operations, "evaluation.min_operations"),
        _check_not_worse(paired),
        _check_minutes(paired),
        _check_coverage(paired),
        check_segments(paired, DIMENSIONS, SEGMENT_LEVEL),
    )
    return conclude(checks, "not_worse", compared, refreshed, parent)


def _is_worse(result: PairedResult, allowed_pct: float) -> bool:
    return result.p_worse < WORSE_LEVEL and result.gain_pct < -allowed_pct


def _check_not_worse(paired: PairedEvidence) -> GateCheck:
    times = paired.test_times()
    worse = _is_worse(times, WORSE_PCT)
    verdict = "worse times" if worse else "not worse than its parent"
    figures = f"times {times.gain_pct:+.1f} %; {times.pairs:,} operations of {times.clusters:,} items"
    return GateCheck("not_worse", not worse, f"{verdict}: {figures}")


def _check_minutes(paired: PairedEvidence) -> GateCheck:
    """Refuse where absolute errors in minutes, extremes capped, grow by more than 2 % and not by chance."""
    frame = paired.operations
    before, after = (
        (frame[name] - frame["actual_minutes"]).abs().to_numpy()
        for name in ("predicted_minutes", "predicted_minutes_challenger")
    )
    cap = float(np.quantile(before, CAPPED_ERROR_QUANTILE)) if before.size else 0.0
    result = paired_test(np.minimum(before, cap), np.minimum(after, cap), frame["item_code"])
    return GateCheck("mae", not _is_worse(result, MAX_MINUTES_LOSS_PCT), f"capped MAE {-result.gain_pct:+.1f} %")


def _check_coverage(paired: PairedEvidence) -> GateCheck:
    """Refuse where 80 % ranges miss clearly more than the parent's, and not by chance."""
    actual = pl.col("actual_minutes")
    missed = paired.operations.select(
        "item_code",
        before=(~actual.is_between("low", "high")).cast(pl.Float64),
        after=(~actual.is_between("low_challenger", "high_challenger")).cast(pl.Float64),
    )
    before, after = missed["before"].to_numpy(), missed["after"].to_numpy()
    result = paired_test(before, after, missed["item_code"])
    covered = [1 - float(each.mean()) if each.size else 0.0 for each in (before, after)]
    drop = min(covered[0], 0.8) - covered[1]
    return GateCheck(
        "coverage",
        not (result.p_worse < WORSE_LEVEL and drop > MAX_COVERAGE_DROP),
        f"80 % ranges cover {covered[0]:.1%}, then {covered[1]:.1%}",
    )
