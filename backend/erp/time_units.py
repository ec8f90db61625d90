"""The units that an ERP may store times in."""

from typing import Final, Literal, TypeAlias

TimeUnit: TypeAlias = Literal["seconds", "minutes", "hours", "days"]
MINUTES_PER: Final[dict[str, float]] = {"seconds": 1 / 60, "minutes": 1.0, "hours": 60.0, "days": 1440.0}
