"""What the trigger says: its findings in plain words."""

from math import exp
from typing import Final

from backend.domain.trigger import Level, Measure

_HEADLINES: Final = {
    Measure.TIMES: "times: mean |log error|",
    Measure.SEQUENCES: "operation sequences: mean mismatch",
    Measure.WORK_CENTRES: "work centres: share foreseen wrongly",
}
_DIMENSIONS: Final = {"work_centre": "work centre", "operation_code": "operation", "stratum": "item class"}


def headline_text(measure: Measure, seen: Level, promised: Level) -> str:
    """Say how a measure over the whole plant compares with what was promised.

    >>> headline_text(Measure.TIMES, Level(900, 90, 0.132, 0.004), Level(4000, 500, 0.12, 0.002))
    'times: mean |log error| 0.132 against the promised 0.120 (+10 %)'
    """
    share = f" ({seen.mean / promised.mean - 1:+.0%})".replace("%", " %") if promised.mean > 0 else ""
    return f"{_HEADLINES[measure]} {seen.mean:.3f} against the promised {promised.mean:.3f}{share}"


def segment_text(measure: Measure, dimension: str, value: str, seen: Level, promised: Level) -> str:
    """Say what has changed in a segment.

    >>> segment_text(Measure.BIAS, "work_centre", "CNC-04", Level(61, 20, -0.2, 0.02), Level(200, 50, 0.0, 0.01))
    'work centre CNC-04 takes 22 % longer than was to be expected'
    """
    name = f"{_DIMENSIONS.get(dimension, dimension)} {value}"
    if measure is not Measure.BIAS:
        what = _HEADLINES[measure].partition(":")[0]
        return f"{what} of {name}: {seen.mean:.0%} wrong against the promised {promised.mean:.0%}".replace("%", " %")
    change = exp(promised.mean - seen.mean) - 1
    return f"{name} takes {abs(change) * 100:.0f} % {'longer' if change > 0 else 'less'} than was to be expected"
