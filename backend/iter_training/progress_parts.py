"""Lets one step of a job report into its part of the whole."""

from backend.domain.progress import ProgressReport


def part_of(report: ProgressReport, start: float, end: float, prefix: str = "") -> ProgressReport:
    """Return a report whose 0 to 1 are `start` to `end` of the given one; steps get the prefix.

    >>> part_of(lambda share, step: print(round(share, 2), step), 0.2, 0.6, "nearest")(0.5, "fitting")
    0.4 nearest: fitting
    """

    def report_part(share: float, step: str) -> None:
        report(start + (end - start) * share, f"{prefix}: {step}" if prefix else step)

    return report_part
