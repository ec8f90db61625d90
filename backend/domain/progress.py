"""How long work tells where it is."""

from collections.abc import Callable
from typing import TypeAlias

ProgressReport: TypeAlias = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the present step in a few plain words."""


def no_progress(_share: float, _step: str) -> None:
    """Report to nobody."""
