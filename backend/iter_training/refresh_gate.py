"""Decides whether a refreshed version replaces its parent: it need not be better, but must not be worse."""

from typing import Final

from backend.domain.models import GateCheck, GateDecision
from backend.iter_training.gate import BundleFacts, JudgedModel, check_bundle, check_enough, conclude
from backend.iter_training.gate_checks import (
    PairedEvidence,
    check_coverage,
    check_minutes,
    check_process_match,
    check_segments,
)
from backend.settings import GateSettings

WORSE_LEVEL: Final = 0.01
"""A refresh that changes nothing is refused by chance once in a hundred, and tried again with the next work orders."""
DIMENSIONS: Final = ("operation_code", "work_centre")


def decide_refresh(
    parent: JudgedModel, refreshed: JudgedModel, facts: BundleFacts, settings: GateSettings, min_operations: int
) -> GateDecision:
    """Judge a refreshed model against its parent on the same operations, which neither has seen.

    Better is not asked for: most days bring nothing new, and what a refresh is for, a step of the plant,
    must be followed on the day it shows.
    """
    paired = PairedEvidence.of(parent.comparison, refreshed.comparison)
    compared = paired.operations.height
    checks = (
        *check_bundle(facts, settings),
        check_enough(compared, min_operations),
        _check_not_worse(paired),
        check_process_match(paired, settings.max_process_match_drop),
        check_minutes(paired),
        check_coverage(paired),
        check_segments(paired, DIMENSIONS),
    )
    return conclude(checks, "not_worse", compared, refreshed, parent)


def _check_not_worse(paired: PairedEvidence) -> GateCheck:
    results = (("times", paired.test_times()), ("sequences", paired.test_sequences()))
    worse = [name for name, one in results if one.p_worse < WORSE_LEVEL]
    figures = ", ".join(f"{name} {one.gain_pct:+.1f} %" for name, one in results)
    verdict = f"worse {' and '.join(worse)}" if worse else "not worse than its parent"
    times = results[0][1]
    return GateCheck(
        "not_worse",
        not worse,
        f"{verdict}: {figures}; {times.pairs:,} operations of {times.clusters:,} items",
    )
