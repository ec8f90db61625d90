"""What happens in the story, and when."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from backend.erp.demo import DemoOptions, DriftScenario
from backend.erp.demo.options import MachineStep

BAR: Final = 1.15
"""The live system's error over the year is at most so many times the noise floor …"""
FROZEN_BAR: Final = 1.4
"""… where that of a model that nobody looks after is above so many times."""


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """Size and length of a story, and on which of its days something happens; day 1 is the first."""

    items: int = 4_000
    seed: int = 1
    days: int = 364
    slower_day: int = 70
    """All machines take longer."""
    bad_night_day: int = 150
    """Minutes are booked per piece, not per lot, for one night in which somebody trains."""
    replaced_day: int = 240
    """Lathes and grinding machines are replaced by faster ones."""
    release_after_days: int = 3
    """So long after a roll-back somebody looks, and lets automatic promotion go on."""

    @classmethod
    def of_days(cls, items: int, seed: int, days: int) -> "StoryPlan":
        """Return a plan of so many days in which the same happens at the same stage."""
        usual = cls()
        when = (usual.slower_day, usual.bad_night_day, usual.replaced_day)
        return cls(items, seed, days, *(day * days // usual.days for day in when))

    @property
    def first_day(self) -> date:
        """The plant's last day before the story."""
        return DemoOptions().today

    def date_of(self, day: int) -> date:
        """Return the date of a day of the story."""
        return self.first_day + timedelta(days=day)

    def options(self) -> DemoOptions:
        """Return what the demo plant is asked to be."""
        return DemoOptions(self.items, self.seed, DriftScenario.NONE, self.first_day, steps=self.steps())

    def steps(self) -> tuple[MachineStep, ...]:
        """Return the two drifts."""
        turning = ("선반", "대형선반", "복합기", "연삭")
        return (
            MachineStep(self.date_of(self.slower_day), (), 1.0, 0.2, "all machines run 22 % slower"),
            MachineStep(self.date_of(self.replaced_day), turning, 1.0, -0.4, "lathes and grinders are replaced"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return what tells one story from another."""
        return {name: getattr(self, name) for name in self.__slots__}
