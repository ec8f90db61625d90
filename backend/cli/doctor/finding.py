"""What one check of the doctor found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out, worst last."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing to do."""
    WARNING = "warning"
    """Works, but will not for long or not fully."""
    FAULT = "fault"
    """Something is broken or missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check with what was seen and, unless all is well, what to do."""

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    @property
    def needs_attention(self) -> bool:
        """Tell whether somebody has to do something."""
        return self.verdict in {Verdict.WARNING, Verdict.FAULT}


def judged(check: str, is_good: bool, detail: str, remedy: str, otherwise: Verdict = Verdict.WARNING) -> Finding:
    """Return an OK finding, or one that carries the remedy."""
    return Finding(check, Verdict.OK, detail) if is_good else Finding(check, otherwise, detail, remedy)


def any_needs_attention(findings: Iterable[Finding]) -> bool:
    """Tell whether a list of findings asks somebody to act."""
    return any(finding.needs_attention for finding in findings)
