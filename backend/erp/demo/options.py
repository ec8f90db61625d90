"""What a demo plant is asked to be, and what came of it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from backend.errors import SettingError

SMALLEST_PLANT: Final = 20
LARGEST_PLANT: Final = 1_000_000
LARGEST_SEED: Final = 2**63 - 1


class DriftScenario(StrEnum):
    """What changes in the plant at known dates."""

    NONE = "none"
    STEP = "step"
    """Machines become faster or slower overnight."""
    POLICY = "policy"
    """Heat treatment comes home, large turned parts go out."""
    MIX = "mix"
    """Steps and policy."""


@dataclass(frozen=True, slots=True)
class MachineStep:
    """From one day on, machines of some groups take exp(log_effect) times as long per piece."""

    day: date
    groups: tuple[str, ...]
    """Names of work-centre groups; none named means every machine of the plant."""
    share: float
    """Which part of each group's machines, from the first on."""
    log_effect: float
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return asdict(self) | {"day": self.day.isoformat(), "groups": list(self.groups)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "MachineStep":
        """Make a step from what to_json returned."""
        return cls(**(values | {"day": date.fromisoformat(values["day"]), "groups": tuple(values["groups"])}))


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Size, seed and drift of a demo plant; equal options make equal tables.

    Raises SettingError where a value is out of range.
    """

    items: int = 20_000
    seed: int = 0
    drift: DriftScenario = DriftScenario.MIX
    today: date = date(2026, 6, 30)
    """The plant's own last day; it has nothing to do with the wall clock."""
    history_days: int = 730
    steps: tuple[MachineStep, ...] = ()
    """What changes beside the drift scenario."""

    def __post_init__(self) -> None:
        _check("items", self.items, SMALLEST_PLANT, LARGEST_PLANT)
        _check("seed", self.seed, 0, LARGEST_SEED)
        _check("history_days", self.history_days, 90, 3650)

    @property
    def now(self) -> datetime:
        """The end of the plant's last day, in the plant's own time."""
        return datetime.combine(self.today, time()) + timedelta(days=1)

    def to_json(self) -> dict[str, Any]:
        """Return the options as JSON values; without steps of their own, plants keep the names that they had."""
        values = asdict(self) | {"today": self.today.isoformat(), "drift": str(self.drift)}
        del values["steps"]
        return values | ({"steps": [step.to_json() for step in self.steps]} if self.steps else {})

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "DemoOptions":
        """Make options from what to_json returned."""
        read = {"today": date.fromisoformat(values["today"]), "drift": DriftScenario(values["drift"])}
        steps = tuple(MachineStep.from_json(step) for step in values.get("steps", ()))
        return cls(**(values | read | {"steps": steps}))


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was written; minutes are per operation and lot."""

    database: str
    today: date
    items: int
    routing_rows: int
    work_order_rows: int
    """Rows in the plant now; after advancing, `added_work_order_rows` of them are new."""
    added_work_order_rows: int
    open_work_order_rows: int
    noise_floor_mae_minutes: float
    """Error of the best possible predictor that knows every item, family and machine."""
    exact_match_ceiling: float
    """Share of new items whose whole operation sequence the best possible predictor gets right."""
    truth_file: str


def _check(key: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise SettingError("demo plant", key, value, f"{lowest:,} to {highest:,}")
