"""What 'make run' makes first, and what it says where no model comes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from backend.cli import job_progress, preparing
from backend.domain.clock import utc_now
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.erp.embedded import is_empty
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT, load_settings

NOW = utc_now()
ENDED = JobRecord("job_1", JobKind.TRAINING, JobStatus.SUCCEEDED, 100, "", 1, 1, False, {}, None, None, NOW, NOW, NOW)


@pytest.fixture
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "DEMO_ITEMS", 40)


def test_without_training_the_server_may_start_without_a_model(
    root: Path, small_demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del small_demo
    (root / ".env").write_text("ENABLE_TRAINING=false\n", encoding="utf-8")
    settings = load_settings(root)

    preparing.prepare_installation(settings)

    assert not is_empty(settings.plant_database_path)
    assert "ENABLE_TRAINING=false" in capsys.readouterr().err


def test_a_first_training_that_is_not_promoted_says_why(
    root: Path, small_demo: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del small_demo
    result: dict[str, Any] = {"promoted": False, "reason": "not promoted: too few operations"}
    monkeypatch.setattr(job_progress, "run_job", lambda *_: replace(ENDED, result=result))

    preparing.prepare_installation(load_settings(root))

    assert "too few operations" in capsys.readouterr().err


def test_a_first_training_that_failed_ends_the_command(
    root: Path, small_demo: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del small_demo
    monkeypatch.setattr(job_progress, "run_job", lambda *_: replace(ENDED, status=JobStatus.FAILED, error="no rows"))

    with pytest.raises(typer.Exit):
        preparing.prepare_installation(load_settings(root))

    assert "no rows" in capsys.readouterr().err


def test_a_configuration_is_made_from_the_example_where_there_is_none(
    root: Path, small_demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del small_demo
    (root / ".env").write_text("ENABLE_TRAINING=false\n", encoding="utf-8")
    before = load_settings(root)

    preparing.prepare_installation(before)

    assert (root / CONFIG_FILE).read_bytes() == (SOURCE_ROOT / EXAMPLE_FILE).read_bytes()
    assert load_settings(root) == before, "the example's values are the defaults"
    assert capsys.readouterr().err.count("config/iter_training.yaml is made from iter_training.yaml.example") == 1

    (root / CONFIG_FILE).write_text("queue: {max_size: 2}\n", encoding="utf-8")
    preparing.prepare_installation(load_settings(root))

    assert (root / CONFIG_FILE).read_text(encoding="utf-8") == "queue: {max_size: 2}\n"
    assert "is made from" not in capsys.readouterr().err
