import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backend.cli.story.chronicle import plain
from backend.cli.story.installation import StoryFolder
from backend.cli.story.plan import StoryPlan
from backend.cli.story.report import StorySummary
from backend.errors import SettingError
from backend.registry.store import ModelStore
from tests.backend.cli import story_life

KILLS = 3


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoryFolder, StorySummary]:
    root = tmp_path_factory.mktemp("story")
    return story_life.tiny_story(root), story_life.live(root)


def test_a_story_measures_every_day_and_tells_what_happened(told: tuple[StoryFolder, StorySummary]) -> None:
    folder, summary = told
    text = (folder.report / "story.md").read_text(encoding="utf-8")
    assert summary.days == folder.plan.days == folder.day_done
    assert len((folder.report / "days.csv").read_text(encoding="utf-8").splitlines()) == 1 + folder.plan.days
    assert 0.5 < summary.frozen_over_floor < 20
    assert "training the first model: promoted" in text
    assert "| plant | all machines run 22 % slower |" in text
    assert summary.trainings_promoted + summary.trainings_refused >= 2
    assert summary.refreshes > 0
    drawn = ElementTree.parse(folder.report / "story.svg").getroot()  # noqa: S314 - our own file
    lines = [element for element in drawn.iter() if element.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [folder.plan.days] * 3


@pytest.mark.slow
def test_a_story_killed_at_random_moments_ends_as_one_that_was_not(
    told: tuple[StoryFolder, StorySummary], tmp_path: Path
) -> None:
    draw = random.Random(20261124)  # noqa: S311 - moments, not secrets
    ended = [_lived(tmp_path, draw.randrange(50, 600)) for _ in range(KILLS)]
    assert ended == [story_life.KILLED] * KILLS
    assert _lived(tmp_path, 0) == 0
    assert _end_state(story_life.tiny_story(tmp_path)) == _end_state(told[0])


def _lived(root: Path, last_moment: int) -> int:
    command = [sys.executable, "-m", "tests.backend.cli.story_life", str(root), str(last_moment)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in {0, story_life.KILLED}, done.stderr
    return done.returncode


def _end_state(folder: StoryFolder) -> dict[str, Any]:
    """Return all that a story leaves behind, but for the wall clock and the numbers that are drawn."""
    manifest = ModelStore(folder.settings).manifest()
    with closing(sqlite3.connect(folder.settings.data_dir / "state.db")) as connection:
        decisions = connection.execute("SELECT created_at, promoted, decision FROM gate_decisions ORDER BY 1, 3")
        kept = [(when, promoted, plain(json.loads(one)["reason"])) for when, promoted, one in decisions]
        holds = connection.execute("SELECT held_at, released_at FROM promotion_holds").fetchall()
    return {
        "report": {path.name: path.read_bytes() for path in sorted(folder.report.iterdir())},
        "active": plain(str(manifest.active_version)),
        "models": {plain(name): entry.files["model.pkl"].sha256 for name, entry in manifest.versions.items()},
        "decisions": kept,
        "holds": holds,
    }


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingError, match="holds something else"):
        StoryFolder(tmp_path, StoryPlan()).prepare(lambda _share, _step: None)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_is_kept_for_the_story_that_was_begun_there(told: tuple[StoryFolder, StorySummary]) -> None:
    other = StoryFolder(told[0].root, StoryPlan.of_days(items=200, seed=3, days=6))
    with pytest.raises(SettingError, match="items 100"):
        other.prepare(lambda _share, _step: None)
