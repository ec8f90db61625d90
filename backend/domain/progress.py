"""How long work tells where it is."""

from collections.abc import Callable
from typing import TypeAlias

ProgressReport: TypeAlias = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the present step in a few plain words."""


def no_progress(_share: float, _step: str) -> None:
    """Report to nobody."""


def part_of(report: ProgressReport, start: float, end: float, prefix: str = "") -> ProgressReport:
    """Return a report whose 0 to 1 are `start` to `end` of the given one; steps get the prefix.

    >>> part_of(lambda share, step: print(round(share, 2), step), 0.2, 0.6, "nearest")(0.5, "fitting")
    0.4 nearest: fitting
    """

    def report_part(share: float, step: str) -> None:
        report(start + (end - start) * share, f"{prefix}: {step}" if prefix else step)

    return report_part
