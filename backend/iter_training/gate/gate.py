"""Decides whether a challenger replaces the champion: a pure function from evidence to a decision."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from backend.config_keys import GateSettings
from backend.domain.models import GateCheck, GateDecision
from backend.domain.quality import QualityMetrics
from backend.iter_training.evaluation.paired_test import log_errors
from backend.iter_training.gate.gate_checks import (
    PairedEvidence,
    check_coverage,
    check_improvement,
    check_minutes,
    check_process_match,
    check_segments,
)
from backend.ml.judging.comparison import Comparison

BASELINE_TOLERANCE = 0.01
"""A plant whose times are constant per operation leaves nothing to beat the median in."""
HARMLESS_MILLISECONDS = 10.0
MAX_SLOWDOWN = 5.0
"""A family may cost a few times another one; what is much slower than the champion is broken, however good."""


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What was seen when the written bundle was loaded again and asked for single predictions."""

    load_error: str | None
    megabytes: float
    predict_milliseconds: float
    champion_milliseconds: float | None = None
    """What the champion takes for the same predictions; None where there is none to compare with."""

    def __str__(self) -> str:
        return self.load_error or (
            f"bundle of {self.megabytes:.1f} MB written and loaded, "
            f"one prediction takes {self.predict_milliseconds:.1f} ms of CPU"
        )


@dataclass(frozen=True, slots=True)
class JudgedModel:
    """One model's predictions beside the actuals of the lots that the gate judges on.

    Both tables carry the label columns named in the gate's dimensions.
    """

    version: str | None
    comparison: Comparison
    metrics: QualityMetrics


def decide(
    champion: JudgedModel,
    challenger: JudgedModel,
    facts: BundleFacts,
    settings: GateSettings,
    dimensions: Iterable[str],
) -> GateDecision:
    """Judge a challenger against the champion on the same operations, which neither has seen."""
    paired = PairedEvidence.of(champion.comparison, challenger.comparison)
    checks = (
        *check_bundle(facts, settings),
        check_enough(paired.operations.height, settings.min_compared_operations, "gate.min_compared_operations"),
        check_improvement(paired, settings),
        check_process_match(paired, settings.max_process_match_drop),
        check_minutes(paired),
        check_coverage(paired),
        check_segments(paired, dimensions),
    )
    return conclude(checks, "improvement", paired.operations.height, challenger, champion)


def decide_first(
    challenger: JudgedModel, baseline: Comparison, facts: BundleFacts, settings: GateSettings, min_operations: int
) -> GateDecision:
    """Judge the first model of an installation, which has no champion to beat, by its sanity.

    `baseline` holds the same operations with each operation's median time as the prediction.
    """
    compared = challenger.comparison.operations.height
    checks = (
        *check_bundle(facts, settings),
        check_enough(compared, min_operations, "evaluation.min_operations"),
        _check_finite(challenger.comparison),
        _check_baseline(challenger.comparison, baseline),
    )
    return conclude(checks, "better_than_median", compared, challenger, None)


def refuse_unloadable(facts: BundleFacts, settings: GateSettings, champion_version: str | None) -> GateDecision:
    """Refuse a challenger whose written bundle does not load: there is nothing to judge."""
    checks = check_bundle(facts, settings)
    failed = "; ".join(check.detail for check in checks if not check.passed)
    return GateDecision(False, "not promoted: " + failed, checks, 0, champion_version, {}, {})


def conclude(
    checks: tuple[GateCheck, ...], headline: str, compared: int, challenger: JudgedModel, champion: JudgedModel | None
) -> GateDecision:
    """Promote where every check passed; the reason is what failed, or the check named as the headline."""
    failed = [check.detail for check in checks if not check.passed]
    good = next(check.detail for check in checks if check.name == headline)
    return GateDecision(
        promote=not failed,
        reason="not promoted: " + "; ".join(failed) if failed else "promoted: " + good,
        checks=checks,
        compared_operations=compared,
        champion_version=champion.version if champion else None,
        challenger_metrics=asdict(challenger.metrics),
        champion_metrics=asdict(champion.metrics) if champion else {},
    )


def check_bundle(facts: BundleFacts, settings: GateSettings) -> tuple[GateCheck, ...]:
    """Ask that the written bundle loads, answers in time and is not too large."""
    slowest, largest = _most_milliseconds(facts, settings), settings.max_bundle_megabytes
    return (
        GateCheck("bundle_loads", facts.load_error is None, facts.load_error or "the written bundle loads"),
        GateCheck(
            "predict_time",
            facts.predict_milliseconds <= slowest,
            f"one prediction takes {facts.predict_milliseconds:.1f} ms of CPU (at most {slowest:g})",
        ),
        GateCheck(
            "bundle_size", facts.megabytes <= largest, f"the bundle has {facts.megabytes:.1f} MB (at most {largest:g})"
        ),
    )


def _most_milliseconds(facts: BundleFacts, settings: GateSettings) -> float:
    if facts.champion_milliseconds is None:
        return settings.max_predict_milliseconds
    usual = max(HARMLESS_MILLISECONDS, MAX_SLOWDOWN * facts.champion_milliseconds)
    return min(usual, settings.max_predict_milliseconds)


_NO_LOT: Final = "; where lots take longer than the days set apart for judging, raise training.holdout_days"


def check_enough(compared: int, needed: int, setting: str) -> GateCheck:
    """Ask for enough operations to judge by; where there are too few, say which setting asks for them."""
    if compared >= needed:
        return GateCheck("compared_operations", True, f"{compared:,} operations compared (at least {needed:,} needed)")
    few = f"{compared:,} operations compared, {needed:,} are needed ({setting})"
    return GateCheck("compared_operations", False, few if compared else few + _NO_LOT)


def _check_finite(comparison: Comparison) -> GateCheck:
    minutes = comparison.operations.select("predicted_minutes", "low", "high").to_numpy()
    wrong = int((~np.isfinite(minutes) | (minutes < 0)).any(axis=1).sum())
    return GateCheck("finite", wrong == 0, f"{wrong:,} predicted times are not finite or below zero")


def _check_baseline(comparison: Comparison, baseline: Comparison) -> GateCheck:
    own, median = _mean_log_error(comparison), _mean_log_error(baseline)
    return GateCheck(
        "better_than_median",
        own <= median + BASELINE_TOLERANCE,
        f"mean |log error| of the times {own:.3f} against {median:.3f} of the operation's median "
        f"on {comparison.operations.height:,} operations",
    )


def _mean_log_error(comparison: Comparison) -> float:
    operations = comparison.operations
    errors = log_errors(operations["predicted_minutes"], operations["actual_minutes"])
    return float(errors.mean()) if errors.size else 0.0
