"""The conditions a challenger must meet against the champion; limits are from the spec's measurements."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from backend.config_keys import GateSettings
from backend.domain.models import GateCheck
from backend.iter_training.evaluation.paired_test import PairedResult, compare_times, paired_test, signed_log_errors
from backend.ml.judging.comparison import Comparison

MAX_MINUTES_LOSS_PCT = 2.0
MAX_COVERAGE_DROP = 0.02
CAPPED_ERROR_QUANTILE = 0.99
CHANCE_LEVEL = 0.05
"""A drop that chance shows this often is none yet."""
LEVEL_PARTS = {"times": 1.25, "sequences": 0.25}
"""What each way to prove a gain gets of the configured level; chosen on simulated duels (benchmarks/gate_rule.py)."""
SEGMENT_SHARE = 0.05
SEGMENT_MIN_OPERATIONS = 30
SEGMENT_LEVEL = 0.01
"""Each segment's own level; a challenger that is better everywhere is hardly ever held up by it."""
ALL_SEGMENTS_LEVEL = 0.05
"""Of all of them together: among dozens of work centres and kinds of parts, one seems worse by chance."""
SEGMENT_BIAS = (0.1, 0.2)
"""On the log scale: a tenth too long or short all along is what planners notice first; where lots scatter, a fifth."""
NOTICED_SHARE = 0.4
"""Of the champion's mean |log error|: a new bias below this is lost in the scatter."""


@dataclass(frozen=True, slots=True)
class PairedEvidence:
    """Operations and lots that champion and challenger were both judged on, side by side.

    The challenger's columns end in _challenger. Operations that only one of them predicted have no
    pair of times; they are what process_match is about.
    """

    operations: pl.DataFrame
    lots: pl.DataFrame

    @classmethod
    def of(cls, champion: Comparison, challenger: Comparison) -> "PairedEvidence":
        """Pair two comparisons of the same lots."""
        times = challenger.operations.select("row", "predicted_minutes", "low", "high")
        matches = challenger.lots.select("work_order_code", "item_code", "process_match")
        return cls(
            champion.operations.join(times, on="row", suffix="_challenger"),
            champion.lots.join(matches, on=["work_order_code", "item_code"], suffix="_challenger"),
        )

    def test_times(self) -> PairedResult:
        """Compare the models' clipped log errors."""
        return _test_times(self.operations)

    def test_sequences(self) -> PairedResult:
        """Compare what the models' sequences lack to a full match."""
        return _test_sequences(self.lots)


def check_improvement(paired: PairedEvidence, settings: GateSettings) -> GateCheck:
    """Ask for a gain in times or in sequences that is large enough and no chance.

    There are two ways to pass, so luck passes at most 1.5 times as often as the level says. Times get the larger part
    of it: gains of some per cent in them are the usual ones and the hardest to tell from chance.
    """
    results = (("times", paired.test_times()), ("sequences", paired.test_sequences()))
    proven = [
        name
        for name, one in results
        if one.p_better < LEVEL_PARTS[name] * settings.significance and one.gain_pct >= settings.min_improvement_pct
    ]
    figures = ", ".join(f"{name} {one.gain_pct:+.1f} % (p = {one.p_better:.2g})" for name, one in results)
    verdict = f"better {' and '.join(proven)}" if proven else "no proven gain"
    levels = " or ".join(f"{LEVEL_PARTS[name] * settings.significance:g} ({name})" for name, _ in results)
    needed = f"needed: {settings.min_improvement_pct:g} % at p < {levels}"
    times = results[0][1]
    return GateCheck(
        "improvement",
        bool(proven),
        f"{verdict}: {figures}; {needed}; {times.pairs:,} operations of {times.clusters:,} items",
    )


def check_process_match(paired: PairedEvidence, max_drop: float) -> GateCheck:
    """Refuse a challenger whose operation sequences are worse by more than the allowed drop, and not by chance.

    A few hundred lots move the mean by more than the drop without any cause; a better model must not fail by that.
    """
    per_item = paired.lots.group_by("item_code").agg(pl.col("process_match", "process_match_challenger").mean())
    before, after = (_mean(per_item[column]) for column in ("process_match", "process_match_challenger"))
    return GateCheck(
        "process_match",
        after >= before - max_drop or paired.test_sequences().p_worse >= CHANCE_LEVEL,
        f"process_match {before:.3f} to {after:.3f} (at most -{max_drop:g}, chance apart)",
    )


def check_minutes(paired: PairedEvidence) -> GateCheck:
    """Refuse a challenger whose absolute errors in minutes, extremes capped, grow by more than 2 %."""
    frame = paired.operations
    before = (frame["predicted_minutes"] - frame["actual_minutes"]).abs().to_numpy()
    after = (frame["predicted_minutes_challenger"] - frame["actual_minutes"]).abs().to_numpy()
    cap = float(np.quantile(before, CAPPED_ERROR_QUANTILE)) if before.size else 0.0
    old, new = (float(np.minimum(one, cap).mean()) if one.size else 0.0 for one in (before, after))
    limit = old * (1 + MAX_MINUTES_LOSS_PCT / 100)
    return GateCheck(
        "mae", new <= limit + 1e-9, f"capped MAE {old:.2f} to {new:.2f} minutes (at most +{MAX_MINUTES_LOSS_PCT:g} %)"
    )


def check_coverage(paired: PairedEvidence) -> GateCheck:
    """Refuse a challenger whose 80 % ranges cover clearly less than the champion's."""
    actual = pl.col("actual_minutes")
    before = _mean(paired.operations.select(actual.is_between("low", "high")).to_series())
    after = _mean(paired.operations.select(actual.is_between("low_challenger", "high_challenger")).to_series())
    passed = after >= min(before, 0.8) - MAX_COVERAGE_DROP
    return GateCheck("coverage", passed, f"80 % ranges cover {before:.1%}, then {after:.1%} (at most 2 points less)")


def check_segments(paired: PairedEvidence, dimensions: Iterable[str], level: float = SEGMENT_LEVEL) -> GateCheck:
    """Refuse a challenger that is significantly worse in any large segment: times, bias or sequences.

    Where a whole plant has changed since the champion learnt, some segment is always worse off. It may be, by less
    in per cent than the plant gains, and biased by no more than the champion is in its own worst segment.
    """
    groups = [_large_segments(paired, dimension) for dimension in dimensions]
    each = min(level, ALL_SEGMENTS_LEVEL / max(sum(map(len, groups)), 1))
    gains = max(paired.test_times().gain_pct, 0.0), max(paired.test_sequences().gain_pct, 0.0)
    noticed = float(np.clip(NOTICED_SHARE * _mean_error(paired.operations), *SEGMENT_BIAS))
    worse = []
    for group in groups:
        worst = max((abs(_bias(segment.operations, "")) for _, segment in group), default=0.0)
        faults = ((name, _fault(segment, each, gains, (noticed, worst))) for name, segment in group)
        worse += [f"{name} ({fault})" for name, fault in faults if fault]
    detail = "worse in " + ", ".join(worse) if worse else "no large segment is significantly worse"
    return GateCheck("segments", not worse, detail)


def _large_segments(paired: PairedEvidence, dimension: str) -> list[tuple[str, PairedEvidence]]:
    """Return the name and the evidence of every segment with enough operations to judge it by."""
    needed = max(SEGMENT_MIN_OPERATIONS, SEGMENT_SHARE * paired.operations.height)
    counts = paired.operations.drop_nulls(dimension).group_by(dimension).len()
    found = []
    for value in counts.filter(pl.col("len") >= needed)[dimension].sort():
        chosen = pl.col(dimension) == value
        lots = paired.lots.filter(chosen) if dimension in paired.lots.columns else paired.lots.clear()
        found.append((f"{dimension} {value}", PairedEvidence(paired.operations.filter(chosen), lots)))
    return found


def _fault(segment: PairedEvidence, level: float, gains: tuple[float, float], bias: tuple[float, float]) -> str | None:
    """Say what is worse; `gains` are the plant's in times and sequences, `bias` as _bias_fault takes it."""
    times, sequences = segment.test_times(), segment.test_sequences()
    if times.p_worse < level and -times.gain_pct > gains[0]:
        return f"times {times.gain_pct:+.1f} %"
    if sequences.p_worse < level and -sequences.gain_pct > gains[1]:
        return f"sequences {sequences.gain_pct:+.1f} %"
    return _bias_fault(segment.operations, level, *bias)


def _bias_fault(operations: pl.DataFrame, level: float, noticed: float, worst: float) -> str | None:
    """Find a bias that grew by what is noticed, beyond the champion's worst; absolute errors hide it in scatter."""
    before, after = _bias(operations, ""), _bias(operations, "_challenger")
    if abs(after) <= max(abs(before) + noticed, worst):
        return None
    sides = [np.sign(after) * _signed(operations, suffix) for suffix in ("", "_challenger")]
    shift = paired_test(sides[0], sides[1], operations["item_code"])
    return f"bias {before:+.2f} to {after:+.2f}" if shift.p_worse < level else None


def _mean_error(operations: pl.DataFrame) -> float:
    return float(np.abs(_signed(operations, "")).mean()) if operations.height else 0.0


def _bias(operations: pl.DataFrame, suffix: str) -> float:
    return float(_signed(operations, suffix).mean())


def _signed(operations: pl.DataFrame, suffix: str) -> npt.NDArray[np.float64]:
    return signed_log_errors(operations[f"predicted_minutes{suffix}"], operations["actual_minutes"])


def _test_times(operations: pl.DataFrame) -> PairedResult:
    return compare_times(_signed(operations, ""), _signed(operations, "_challenger"), operations["item_code"])


def _test_sequences(lots: pl.DataFrame) -> PairedResult:
    return paired_test(
        (1 - lots["process_match"]).to_numpy(), (1 - lots["process_match_challenger"]).to_numpy(), lots["item_code"]
    )


def _mean(values: pl.Series) -> float:
    mean = values.cast(pl.Float64).mean()
    return float(mean) if isinstance(mean, int | float) else 0.0
