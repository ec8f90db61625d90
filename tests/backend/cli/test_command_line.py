"""The command line: quick to start, plain in its words, honest in its exit codes."""

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from backend.cli.exit_codes import ExitCode, exit_code_of
from backend.cli.plant_commands import read_days
from backend.errors import DatabaseUnavailableError, NoModelError, SettingError, UnknownJobError
from backend.registry.store import ModelStore
from backend.settings import Settings

RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = [
    *("serve", "demo", "import", "train", "refresh", "evaluate", "predict"),
    *("models", "jobs", "quality", "doctor", "backup"),
]
SLOW_LIBRARIES = ["polars", "sqlalchemy", "numpy", "lightgbm", "dbos", "fastapi", "pydantic", "alembic", "pyarrow"]


def test_starting_up_loads_no_slow_library() -> None:
    program = f"import sys, backend.cli.app; print([name for name in {SLOW_LIBRARIES} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "[]"


def test_help_lists_every_command_and_the_exit_codes(routing_ml: RoutingMl) -> None:
    shown = routing_ml("--help")

    assert shown.returncode == 0
    assert [name for name in COMMANDS if f" {name} " not in shown.stdout] == []
    assert "Exit codes: 0 done" in shown.stdout


def test_the_version_is_the_package_s(routing_ml: RoutingMl) -> None:
    assert routing_ml("--version").stdout == f"routing-ml {version('routing-ml')}\n"


def test_an_unknown_option_is_wrong_input(routing_ml: RoutingMl) -> None:
    assert routing_ml("train", "--sample-sise", "5").returncode == ExitCode.WRONG_INPUT


def test_a_refused_setting_is_one_line_without_traceback(routing_ml: RoutingMl, root: Path) -> None:
    (root / ".env").write_text("API_PROT=8000", encoding="utf-8")

    refused = routing_ml("models", "list")

    assert refused.returncode == ExitCode.WRONG_INPUT
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "API_PROT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_no_model_needs_attention_and_names_the_command(routing_ml: RoutingMl) -> None:
    refused = routing_ml("predict", "ITEM001")

    assert refused.returncode == ExitCode.ATTENTION
    assert "routing-ml train" in refused.stderr


def test_models_of_a_fresh_installation_are_an_empty_list(routing_ml: RoutingMl) -> None:
    listed = routing_ml("models", "list", "--json")

    assert json.loads(listed.stdout) == {"generation": 0, "versions": []}


def test_a_version_is_shown_with_its_bundle_hash_which_does_not_depend_on_when_it_was_made(
    routing_ml: RoutingMl, promote: Callable[..., str]
) -> None:
    versions = [promote(1), promote(2), promote(1)]

    shown = [json.loads(routing_ml("models", "show", version, "--json").stdout) for version in versions]

    assert [one["version"] for one in shown] == versions
    first, other, again = (one["bundle_hash"] for one in shown)
    assert first == again != other
    assert set(shown[0]["files"]) == {"model.pkl", "vectorizer.pkl", "feature_config.json", "version.json"}


def test_what_a_version_is_made_of_is_laid_out_to_be_read(routing_ml: RoutingMl, promote: Callable[..., str]) -> None:
    promote(1)

    lines = [" ".join(line.split()) for line in routing_ml("models", "show").stdout.splitlines()]

    assert {"gate checks: mae: 4.2", "reason: promoted", "metrics mae: 4.2"} <= set(lines)
    assert "levels" not in str(lines), "hundreds of figures are for --json"


def test_models_are_listed_and_verified(routing_ml: RoutingMl, promote: Callable[[int], str]) -> None:
    first, second = promote(1), promote(2)

    listed = json.loads(routing_ml("models", "list", "--json").stdout)

    assert [(entry["version"], entry["role"]) for entry in listed["versions"]] == [
        (second, "active"),
        (first, "previous"),
    ]
    assert json.loads(routing_ml("models", "verify", "--json").stdout) == {"sound": True, "problems": []}


def test_a_switch_to_a_version_that_cannot_predict_is_refused(
    routing_ml: RoutingMl, promote: Callable[[int], str], settings: Settings
) -> None:
    _first, second = promote(1), promote(2)

    refused = routing_ml("models", "rollback")

    assert refused.returncode == ExitCode.ATTENTION
    assert "trial load" in refused.stderr
    assert ModelStore(settings).manifest().active_version == second
    unknown = routing_ml("models", "activate", "version_20200101T000000Z_g000001")
    assert unknown.returncode == ExitCode.WRONG_INPUT


def test_an_altered_model_file_is_named(routing_ml: RoutingMl, promote: Callable[[int], str], root: Path) -> None:
    altered = root / "models" / promote(1) / "model.pkl"
    altered.write_bytes(altered.read_bytes()[:-1])

    verified = routing_ml("models", "verify")

    assert verified.returncode == ExitCode.ATTENTION
    assert "model.pkl" in verified.stdout


def test_an_unknown_job_is_wrong_input(routing_ml: RoutingMl) -> None:
    for command in ("show", "cancel", "log"):
        refused = routing_ml("jobs", command, "job_nowhere")
        assert refused.returncode == ExitCode.WRONG_INPUT
        assert "routing-ml jobs list" in refused.stderr


def test_jobs_of_a_fresh_installation_are_an_empty_list(routing_ml: RoutingMl) -> None:
    assert json.loads(routing_ml("jobs", "list", "--json").stdout) == []


def test_a_taken_port_is_said_before_anything_is_prepared(routing_ml: RoutingMl, root: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        refused = routing_ml("serve", "--prepare", "--host", "127.0.0.1", "--port", str(port))

    assert refused.returncode == ExitCode.WRONG_INPUT
    assert f"port {port} is already in use" in refused.stderr
    assert not (root / "data").exists()


@pytest.mark.slow
def test_a_demo_plant_is_made_lives_on_and_is_not_put_over_another(routing_ml: RoutingMl, root: Path) -> None:
    made = json.loads(routing_ml("demo", "--items", "40", "--json").stdout)
    later = json.loads(routing_ml("demo", "--advance", "2w", "--json").stdout)

    assert made["items"] == 40
    assert later["work_order_rows"] > made["work_order_rows"]

    database = root / "data" / "plant.db"
    database.unlink()
    with closing(sqlite3.connect(database)) as imported:
        imported.execute("CREATE TABLE item (code TEXT)")
    assert routing_ml("demo", "--items", "40").returncode == ExitCode.FAILED
    assert routing_ml("demo", "--items", "40", "--replace").returncode == ExitCode.OK


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingError("a", "b", 1, "c"), ExitCode.WRONG_INPUT),
        (UnknownJobError(), ExitCode.WRONG_INPUT),
        (NoModelError(), ExitCode.ATTENTION),
        (DatabaseUnavailableError("a", "b", "c"), ExitCode.FAILED),
    ],
)
def test_exit_codes_mean_what_the_help_says(error: Exception, code: ExitCode) -> None:
    assert exit_code_of(error) is code  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "days"), [("30d", 30), ("4w", 28)])
def test_a_span_is_read_as_days(text: str, days: int) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["30", "d", "-3d", "0d", "1y", "30 d"])
def test_a_span_without_unit_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_days(text)


@pytest.mark.parametrize(
    "arguments", [("predict",), ("predict", "--attribute", "colour"), ("predict", "A", "B", "--attribute", "a=b")]
)
def test_a_prediction_of_nothing_is_wrong_input(routing_ml: RoutingMl, arguments: tuple[str, ...]) -> None:
    assert routing_ml(*arguments).returncode == ExitCode.WRONG_INPUT
