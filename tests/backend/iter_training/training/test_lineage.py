import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from backend.iter_training.training.lineage import code_version, fingerprint, profile_digest

TABLE = pl.DataFrame({"code": ["A", "B", None], "minutes": [1.0, 2.5, None]})
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_order_of_rows_does_not_change_a_fingerprint() -> None:
    assert fingerprint(TABLE) == fingerprint(TABLE.reverse())


@pytest.mark.parametrize(
    "changed",
    [
        TABLE.with_columns(minutes=pl.col("minutes") + 1e-9),
        TABLE.head(2),
        pl.concat([TABLE, TABLE.tail(1)]),
        TABLE.rename({"code": "item_code"}),
        TABLE.with_columns(minutes=pl.col("minutes").reverse()),
        TABLE.select("minutes", "code"),
        TABLE.clear(),
    ],
)
def test_any_other_change_does(changed: pl.DataFrame) -> None:
    assert fingerprint(changed) != fingerprint(TABLE)


def checkout(folder: Path, **files: str) -> Path:
    for name, text in {"HEAD": "ref: refs/heads/main\n", **files}.items():
        path = folder / ".git" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"HEAD": COMMIT},
        {"refs__heads__main": COMMIT},
        {"packed-refs": f"# packed\n{COMMIT} refs/heads/main\n"},
    ],
    ids=["detached", "loose", "packed"],
)
def test_a_checkout_names_its_commit(tmp_path: Path, files: dict[str, str]) -> None:
    assert f"({COMMIT[:12]}" in code_version(checkout(tmp_path, **files))


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_files_that_differ_from_the_commit_are_told(tmp_path: Path) -> None:
    source = tmp_path / "backend" / "model.py"
    source.parent.mkdir()
    source.write_text("x = 1\n", encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    clean = code_version(tmp_path)
    (tmp_path / "notes.txt").write_text("not of the package", encoding="utf-8")
    assert "change" not in clean
    assert code_version(tmp_path) == clean
    source.write_text("x = 2\n", encoding="utf-8")
    assert code_version(tmp_path) == clean.replace(")", ", changed)")
    source.write_text("x = 1\n", encoding="utf-8")
    source.with_name("new.py").touch()
    assert code_version(tmp_path) == clean.replace(")", ", changed)")


def test_where_git_cannot_tell_that_is_said(tmp_path: Path) -> None:
    assert code_version(checkout(tmp_path, HEAD=COMMIT)).endswith(f"({COMMIT[:12]}, changes unknown)")


def test_without_a_checkout_the_release_stands_alone(tmp_path: Path) -> None:
    assert "(" not in code_version(tmp_path)
    assert "(" not in code_version(checkout(tmp_path))


def test_a_profile_is_another_one_when_any_of_its_files_changes(tmp_path: Path) -> None:
    (tmp_path / "items.sql").write_text("SELECT 1", encoding="utf-8")
    before = profile_digest(tmp_path)
    assert before == profile_digest(tmp_path)
    (tmp_path / "items.sql").write_text("SELECT 2", encoding="utf-8")
    assert profile_digest(tmp_path) != before
