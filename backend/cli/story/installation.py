"""The story's own installation: a folder like any other's, beside it the plant's future and what was measured."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from backend.cli.story.plan import StoryPlan
from backend.config_keys import IterTrainingConfig
from backend.domain.progress import ProgressReport
from backend.erp.demo.unfolding import write_unfolding_plant
from backend.erp.profile import load_profile
from backend.errors import SettingError
from backend.iter_training.jobs.job_files import read_json, write_json
from backend.settings import Environment, Settings, find_profile_dir
from backend.state.migrating import migrate_state

NIGHT: Final = time(4)
"""When the jobs of a night run, on the plant's clock: after the times that the schedule names."""


@dataclass(frozen=True)
class StoryFolder:
    """Where a story is kept; all of it can be looked at with ROUTING_ML_ROOT set to its root."""

    root: Path
    plan: StoryPlan
    config: IterTrainingConfig = field(default_factory=IterTrainingConfig)
    """As in a new installation."""

    @cached_property
    def settings(self) -> Settings:
        """The installation's settings; a job that fails is an error of the story, and not tried again."""
        once = self.config.training.model_copy(update={"max_attempts": 1})
        return Settings(root=self.root, env=Environment(), config=self.config.model_copy(update={"training": once}))

    @property
    def plant(self) -> Path:
        """The plant as its people see it."""
        return self.settings.plant_database_path

    @property
    def future(self) -> Path:
        """The plant as it will be, with the truth beside it; only the story itself looks there."""
        return self.root / "future" / "plant.db"

    @property
    def frozen(self) -> Path:
        """The bundle of the first model, which nobody looks after."""
        return self.root / "frozen"

    @property
    def report(self) -> Path:
        """Where the report and its picture are written."""
        return self.root / "report"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The plant's time zone."""
        profile = load_profile(find_profile_dir(self.root, self.settings.config.plant.profile))
        return ZoneInfo(profile.rules.time_zone)

    def night_after(self, day: int) -> datetime:
        """Return the moment (naive UTC) at which the jobs after a day of the story run."""
        local = datetime.combine(self.plan.date_of(day) + timedelta(days=1), NIGHT, self.zone)
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    def day_began(self, day: int) -> datetime:
        """Return the moment (naive UTC) at which a day of the story began."""
        local = datetime.combine(self.plan.date_of(day), time(), self.zone)
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    def prepare(self, report: ProgressReport) -> None:
        """Write the plant unless it is there; raises SettingError where something else is kept here."""
        self._claim()
        self.settings.make_directories()
        self.future.parent.mkdir(parents=True, exist_ok=True)
        if not self.plant.exists():
            write_unfolding_plant(self.plant, self.future, self.plan.options(), self.plan.days, report)
        migrate_state(self.settings)

    def _claim(self) -> None:
        """Take the folder for this story: an empty one, or one where it was begun."""
        self.root.mkdir(parents=True, exist_ok=True)
        kept = read_json(self._plan_file)
        if kept is None and any(self.root.iterdir()):
            raise SettingError("demo --folder", str(self.root), "holds something else", "an empty or a new folder")
        if kept is None:
            write_json(self._plan_file, self.plan.to_json())
        elif kept != self.plan.to_json():
            told = "holds the story of " + ", ".join(f"{name} {value}" for name, value in kept.items())
            raise SettingError("demo --folder", str(self.root), told, "the same story, or another folder")

    @property
    def day_done(self) -> int:
        """The last day of the story that is over, its night included; -1 before the first model."""
        return int((read_json(self._day_file) or {"day": -1})["day"])

    def finish_day(self, day: int) -> None:
        """Note that a day and its night are over."""
        write_json(self._day_file, {"day": day})

    def measured(self, day: int) -> dict[str, Any] | None:
        """Return what was measured on a day, None where nothing was."""
        return read_json(self._measured_file(day))

    def note_measured(self, day: int, figures: dict[str, Any]) -> None:
        """Keep what was measured on a day."""
        self._measured_file(day).parent.mkdir(parents=True, exist_ok=True)
        write_json(self._measured_file(day), figures)

    def _measured_file(self, day: int) -> Path:
        return self.root / "measured" / f"day_{day:04d}.json"

    @property
    def _plan_file(self) -> Path:
        return self.root / "story.json"

    @property
    def _day_file(self) -> Path:
        return self.root / "day.json"
