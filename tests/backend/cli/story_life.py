"""A tiny story, and the same one in a process that ends at a given moment as if by kill -9."""

import os
import sys
from pathlib import Path

from backend.cli.story.installation import StoryFolder
from backend.cli.story.living import live_through
from backend.cli.story.plan import StoryPlan
from backend.cli.story.report import StorySummary
from backend.config_keys import EvaluationSettings, GateSettings, IterTrainingConfig, TrainingSettings

KILLED = 9
MOMENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree", "sqlite3.connect"})
"""What is counted: every file that is opened, and what moves or removes one."""


def tiny_story(root: Path) -> StoryFolder:
    """Of the cheapest model, on a plant that has too few operations for the usual limits."""
    config = IterTrainingConfig(
        training=TrainingSettings(families=("nearest_neighbour",)),
        gate=GateSettings(min_compared_operations=50),
        evaluation=EvaluationSettings(min_operations=10),
    )
    return StoryFolder(root, StoryPlan.of_days(items=100, seed=3, days=6), config)


def live(root: Path) -> StorySummary:
    """Live through the tiny story from wherever it is."""
    return live_through(tiny_story(root))


class Counter:
    """Counts moments, and ends the process at one of them without any tidying up."""

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self._last = last

    def __call__(self, event: str, _arguments: object) -> None:
        """Hear of an event of the interpreter."""
        if event in MOMENTS:
            self.count += 1
            if self.count == self._last:
                os._exit(KILLED)


if __name__ == "__main__":
    sys.addaudithook(Counter(int(sys.argv[2]) or None))
    live(Path(sys.argv[1]))
