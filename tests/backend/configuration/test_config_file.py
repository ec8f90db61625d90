"""config/iter_training.yaml is changed value by value: nothing else in it moves, and nobody is overwritten unseen."""

import difflib
import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from backend.config_keys import IterTrainingConfig
from backend.configuration import config_file
from backend.configuration.config_file import Change, ConfigFile, ConfigText
from backend.configuration.keys import checked_changes, key_schemas, value_of
from backend.errors import (
    ConfigBusyError,
    RefusedChangesError,
    SettingError,
    StaleConfigError,
    UneditableConfigError,
    UnwritableConfigError,
)
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT, load_settings
from backend.state.audit import list_audit
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from tests.backend.configuration.setting_values import COMMENTS, HAND_WRITTEN, WRITABLE, changes

EXAMPLE = (SOURCE_ROOT / EXAMPLE_FILE).read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / CONFIG_FILE).parent.mkdir()
    return tmp_path / CONFIG_FILE


@pytest.fixture
def file(tmp_path: Path) -> ConfigFile:
    return ConfigFile(load_settings(tmp_path))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    migrate_state(load_settings(tmp_path))
    engine = open_state_engine(state_url(load_settings(tmp_path)))
    yield engine
    engine.dispose()


def wish(values: dict[str, Any], *etags: str) -> Change:
    return Change(values, frozenset(etags), actor="test", reason="because")


def edited(text: str, values: dict[str, Any]) -> str:
    return ConfigText(text.encode("utf-8"), exists=True).changed(values).text


def moved_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@given(st.lists(changes, min_size=1, max_size=2), st.sampled_from([EXAMPLE, HAND_WRITTEN, "", "# 주석만\n"]))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_changed_reads_back_and_every_comment_stays(sequence: list[dict[str, Any]], text: str) -> None:
    file = ConfigText(text.encode("utf-8"), exists=True)
    expected = {dotted: value_of(file.config, dotted) for dotted in key_schemas()}
    for values in sequence:
        file = file.changed(checked_changes(values))
        expected |= values

    assert {dotted: value_of(file.config, dotted) for dotted in key_schemas()} == expected
    comments = COMMENTS if text == HAND_WRITTEN else [line for line in text.splitlines() if line.startswith("#")]
    assert [comment for comment in comments if comment not in file.text] == []


@pytest.mark.parametrize("dotted", WRITABLE)
def test_a_default_set_again_moves_its_own_line_at_most(dotted: str) -> None:
    after = edited(EXAMPLE, {dotted: WRITABLE[dotted]["default"]})  # 14 may become 14.0

    assert len(moved_lines(EXAMPLE, after)) in {0, 2}
    assert ConfigText(after.encode(), exists=True).config == IterTrainingConfig()


def test_one_value_is_one_line_of_difference() -> None:
    after = edited(EXAMPLE, {"training.families": ["nearest_neighbour"]})

    assert moved_lines(EXAMPLE, after) == [
        '-   families: ["boosted_trees", "nearest_neighbour"] # challengers that are trained; the gate decides',
        '+   families: ["nearest_neighbour"] # challengers that are trained; the gate decides',
    ]


def test_a_key_that_is_not_there_yet_goes_into_its_section() -> None:
    values = {"queue.cooldown_hours": 3.5, "schedule.training": "", "gate.significance": 1e-05, "watch.days": 7.0}
    after = edited(HAND_WRITTEN, {**values, "sampling.sample_size": 9})

    assert moved_lines(HAND_WRITTEN, after) == [
        "+     cooldown_hours: 3.5",
        '+   training: ""',
        "- sampling: {seed: 7, strategy: 'recent_bias'} # 최근 품목",
        "+ sampling: {seed: 7, strategy: 'recent_bias', sample_size: 9} # 최근 품목",
        "- gate: {}",
        "+ gate: {significance: 1e-05}",
        "+ watch:",
        "+   days: 7.0",
    ]


def test_line_ends_of_windows_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + "queue:\r\n  max_size: 3 # 셋\r\nwatch:\r\n  days: 4\r\n"

    after = edited(text, {"queue.max_size": 5, "queue.cooldown_hours": 1.0, "gate.min_compared_operations": 9})

    assert after == (
        "\ufeffqueue:\r\n  max_size: 5 # 셋\r\n  cooldown_hours: 1.0\r\nwatch:\r\n  days: 4\r\n"
        "gate:\r\n  min_compared_operations: 9\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "sampling: &same\n  seed: 1\ntraining: *same\n",  # one value would change two settings
        "queue:\n  max_size: 3\n...\n",
    ],
)
def test_a_file_that_a_change_would_harm_is_left_to_a_person(text: str) -> None:
    with pytest.raises(UneditableConfigError, match="edit the file on the server"):
        edited(text, {"training.seed": 4, "watch.days": 3.0})


@pytest.mark.parametrize(
    ("dotted", "value", "allowed"),
    [
        ("queue.max_size", 0, "at least 1 and at most 100"),
        ("queue.max_size", "5", "a valid integer"),
        ("queue.max_size", 5.5, "a valid integer"),
        ("queue.max_size", None, "a valid integer"),
        ("gate.significance", True, "a valid number"),
        ("gate.significance", float("nan"), "more than 0"),
        ("trigger.enabled", 1, "a valid boolean"),
        ("sampling.strategy", "newest", "'random', 'stratified'"),
        ("training.families", ["mlp"], "'boosted_trees' or 'nearest_neighbour'"),
        ("training.families", "boosted_trees", "a valid array"),
        ("schedule.refresh", "61 2 * * *", "a cron expression like"),
        ("schedule.refresh", "0 0 30 2 *", "a cron expression like"),
        ("logging.file", "/etc/passwd", "cannot be changed over HTTP: a path on the server"),
        ("plant.profile", "other", "cannot be changed over HTTP"),
    ],
)
def test_a_bad_value_is_refused_by_key_and_reason(dotted: str, value: Any, allowed: str) -> None:
    with pytest.raises(RefusedChangesError) as refused:
        checked_changes({dotted: value, "watch.days": 3})

    ((error),) = refused.value.errors
    assert error["location"] == f"changes.{dotted}"
    assert allowed in error["problem"]


@pytest.mark.parametrize("name", ["<b>", "queue", "queue.", "queue.max_size.x", "", "models.__class__"])
def test_a_name_that_is_no_key_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(RefusedChangesError) as refused:
        checked_changes({name: 1})

    assert [error["location"] for error in refused.value.errors] == ["changes.(key)"]


def test_a_missing_file_starts_from_the_example(path: Path, file: ConfigFile, engine: Engine) -> None:
    assert not file.read().exists

    file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    assert moved_lines(EXAMPLE, path.read_text(encoding="utf-8"))[1].startswith("+   max_size: 4 # jobs of one kind")
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_edit_by_hand_since_the_reading_is_not_overwritten(path: Path, file: ConfigFile, engine: Engine) -> None:
    path.write_text("queue: {max_size: 2}\n", encoding="utf-8")
    read = file.read().etag
    path.write_text("queue: {max_size: 9} # nano\n", encoding="utf-8")

    with pytest.raises(StaleConfigError) as stale:
        file.change(engine, wish({"queue.max_size": 4, "watch.days": 14}, read))

    assert stale.value.differing == ("queue.max_size",)
    assert (stale.value.etag, stale.value.values["queue"]["max_size"]) == (file.read().etag, 9)
    assert path.read_text(encoding="utf-8") == "queue: {max_size: 9} # nano\n"
    assert list_audit(engine) == []


def test_a_change_is_audited_with_before_after_and_reason(file: ConfigFile, engine: Engine) -> None:
    file.change(engine, wish({"queue.max_size": 4, "watch.days": 14}, file.read().etag))

    (entry,) = list_audit(engine)
    assert (entry.actor, entry.action, entry.subject) == ("test", "config.change", "iter_training.yaml")
    change = {"key": "queue.max_size", "before": 3, "after": 4}  # 14 days is what it said before
    assert entry.details == {"changes": [change], "reason": "because"}


def test_without_the_audit_nothing_is_changed(path: Path, file: ConfigFile, engine: Engine) -> None:
    path.write_text(HAND_WRITTEN, encoding="utf-8")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")

    with pytest.raises(OperationalError):
        file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    assert path.read_text(encoding="utf-8") == HAND_WRITTEN


def test_a_full_disk_changes_neither_file_nor_audit(
    path: Path, file: ConfigFile, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text(HAND_WRITTEN, encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableConfigError, match="no space"):
        file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    assert path.read_text(encoding="utf-8") == HAND_WRITTEN
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert list_audit(engine) == []


def test_a_process_that_changes_the_file_is_waited_for_only_so_long(
    tmp_path: Path, file: ConfigFile, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_file, "_LOCK_SECONDS", 0.05)

    with FileLock(tmp_path / "data" / ".config_file.lock"), pytest.raises(ConfigBusyError, match="try again"):
        file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    file.change(engine, wish({"queue.max_size": 4}, file.read().etag))


def test_what_changes_nothing_is_neither_written_nor_audited(path: Path, file: ConfigFile, engine: Engine) -> None:
    path.write_text(HAND_WRITTEN, encoding="utf-8")

    after = file.change(engine, wish({"queue.max_size": 2, "watch.days": 14}, file.read().etag))

    assert after.text == HAND_WRITTEN
    assert list_audit(engine) == []


@pytest.mark.parametrize("data", ["queue: {max_size: 3} # 셋".encode("cp949"), b"queue: [", b"nonsense: 1"])
def test_a_file_that_cannot_be_honoured_is_said_and_left(
    path: Path, file: ConfigFile, engine: Engine, data: bytes
) -> None:
    path.write_bytes(data)

    with pytest.raises(SettingError, match=r"iter_training\.yaml"):
        file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    assert path.read_bytes() == data


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode")
def test_a_link_and_the_rights_of_the_file_stay(path: Path, file: ConfigFile, engine: Engine) -> None:
    target = path.with_name("elsewhere.yaml")
    target.write_text(HAND_WRITTEN, encoding="utf-8")
    target.chmod(0o664)
    path.symlink_to(target.name)

    file.change(engine, wish({"queue.max_size": 4}, file.read().etag))

    assert path.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o664
    assert "max_size:   4 " in target.read_text(encoding="utf-8")


_WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from backend.configuration.config_file import Change, ConfigFile
    from backend.errors import StaleConfigError
    from backend.settings import load_settings
    from backend.state.database import open_state_engine, state_url

    settings = load_settings(Path(sys.argv[1]))
    file, engine, done = ConfigFile(settings), open_state_engine(state_url(settings)), 0
    while done < int(sys.argv[2]):
        read = file.read()
        change = Change({"training.seed": read.config.training.seed + 1}, frozenset({read.etag}), "test")
        try:
            file.change(engine, change)
        except StaleConfigError:
            continue
        done += 1
        print(done, flush=True)
""")


def writer(root: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(root), str(count)]
    return subprocess.Popen(command, cwd=SOURCE_ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_processes_at_once_lose_no_change(tmp_path: Path, file: ConfigFile, engine: Engine) -> None:
    each = 20
    writers = [writer(tmp_path, each) for _ in range(3)]
    for process in writers:
        process.communicate()

    assert file.read().config.training.seed == each * len(writers)
    assert len(list_audit(engine, limit=1000)) == each * len(writers)


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(path: Path, file: ConfigFile, engine: Engine) -> None:
    for lines in range(1, 9):
        process = writer(path.parent.parent, 1_000_000)
        assert process.stdout
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        process.communicate()
        now = file.read()
        assert moved_lines(EXAMPLE, now.text)[1].startswith(f"+   seed: {now.config.training.seed} # the same seed")

    file.change(engine, wish({"queue.max_size": 4}, file.read().etag))
    assert [one.name for one in path.parent.iterdir()] == [path.name], "what was left over is gone"
