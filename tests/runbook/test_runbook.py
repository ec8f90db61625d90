"""The runbook's commands, run for real: see commands.py for them, and for those that are not run."""

import json
import re
import shutil
import signal

import httpx
import psutil
import pytest

from tests.runbook import commands
from tests.runbook.commands import Block
from tests.runbook.conftest import Installation, answers, free_port, running_server, wait_for

PROGRAMS = {"ab": "apache2-utils", "jq": "jq", "lsof": "lsof", "curl": "curl"}
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed; nothing is shown here")


def run(installation: Installation, block: Block) -> str:
    """Run a block and check that it shows what the runbook says; returns what it printed."""
    script = block.commands
    for printed, replaced in block.changes:
        assert printed in script, f"{printed!r} is no longer part of {block.name}"
        script = script.replace(printed, replaced)
    for program, package in PROGRAMS.items():
        if re.search(rf"(^|\W){program} ", script) and shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt-get install {package}), so {block.name} is not shown here")
    ran = installation.bash(script)
    assert ran.returncode == block.exit_code, ran.stdout
    for pattern in block.expect:
        assert re.search(pattern, ran.stdout, flags=re.MULTILINE), f"{pattern!r} is not in:\n{ran.stdout}"
    return ran.stdout


def predicts_with(installation: Installation) -> str:
    answer = httpx.post(f"{installation.url}/api/predict", json={"item_codes": ["ITEM001"]}, timeout=30).json()
    assert answer["predictions"][0]["status"] == "ok"
    version: str = answer["model_version"]
    return version


@pytest.mark.parametrize("block", commands.FRESH, ids=lambda block: block.name)
def test_on_a_fresh_checkout(fresh: Installation, block: Block) -> None:
    run(fresh, block)


@pytest.mark.slow
@pytest.mark.parametrize("block", commands.SERVED, ids=lambda block: block.name)
def test_beside_a_running_server(served: Installation, block: Block) -> None:
    run(served, block)


@pytest.mark.slow
def test_the_memory_of_the_server_is_below_500_megabytes(served: Installation) -> None:
    printed = run(served, next(block for block in commands.SERVED if block.title == "test 3, memory"))

    assert max(int(kibibytes) for kibibytes in re.findall(r"^(\d+) ", printed, flags=re.MULTILINE)) < 500_000


@pytest.mark.slow
def test_the_smoke_test_beside_the_running_server(served: Installation) -> None:
    run(served, commands.SMOKE)

    assert answers(f"{served.url}/health")
    job = json.loads(served.bash("routing-ml jobs list --json").stdout)[0]
    assert job["kind"] == "training"
    served.bash(f"routing-ml jobs cancel {job['job_id']}")


@pytest.mark.slow
def test_the_whole_loop(served: Installation) -> None:
    job_id = json.loads(run(served, commands.EVALUATE).splitlines()[-1])["job_id"]
    wait_for(lambda: status_of(served, job_id) == "SUCCEEDED", "the evaluation")
    run(served, commands.CURRENT)
    assert "cycle_finished" in run(served, commands.QUALITY_LOG)

    started = json.loads(run(served, commands.TRAIN).splitlines()[-1])
    run(served, commands.WATCH)
    wait_for(lambda: status_of(served, started["job_id"]) == "SUCCEEDED", "the training")
    active = run(served, commands.ACTIVE).strip().strip('"')

    assert predicts_with(served) == active


def status_of(installation: Installation, job_id: str) -> str:
    status: str = httpx.get(f"{installation.url}/api/training/jobs/{job_id}/status", timeout=30).json()["status"]
    assert status not in {"FAILED", "CANCELLED"}
    return status


@pytest.mark.slow
def test_rolling_the_model_back_both_ways_under_a_running_server(own: Installation) -> None:
    with running_server(own) as server:
        active, previous = (version.strip('"') for version in run(own, commands.VERSIONS).split())
        assert predicts_with(own) == active
        for rollback in (commands.ROLLBACK_BY_API, commands.ROLLBACK_BY_PYTHON):
            assert previous in run(own, rollback)

            assert own.manifest()["active_version"] == previous
            wait_for(lambda: predicts_with(own) == previous, "the server's change of version")
            assert own.bash(f"routing-ml models activate {active}").returncode == 0

        run(own, commands.STOP)
        assert server.wait(timeout=60) is not None
    assert "no server" in own.bash("python scripts/stop_server.py").stdout


@pytest.mark.slow
def test_deploying_starts_a_server_that_the_stop_script_stops(own: Installation) -> None:
    run(own, commands.CONFIGURE)
    run(own, commands.START)
    server = psutil.Process(int((own.root / "backend.pid").read_text()))
    # the runbook's pkill looks for "backend.api.main:app", which this server's command line does not contain
    assert own.bash(pkill(commands.STOP)).returncode == 1
    assert server.is_running()

    stopped = own.bash("python scripts/stop_server.py")

    assert str(server.pid) in stopped.stdout
    assert not answers(f"{own.url}/health")
    assert not (own.root / "backend.pid").exists()
    assert "Traceback" not in (own.root / "logs" / "uvicorn.log").read_text(encoding="utf-8")


def pkill(block: Block) -> str:
    [(printed, replaced)] = block.changes
    return block.commands.replace(printed, replaced)


@pytest.mark.slow
def test_a_backup_by_hand_brings_a_destroyed_installation_back(own: Installation) -> None:
    active = own.manifest()["active_version"]
    run(own, commands.BACKUP)
    shutil.rmtree(own.root / "models")
    (own.root / "models").mkdir()
    (own.root / "config" / "iter_training.yaml").unlink()
    (own.root / "restored").mkdir()

    run(own, commands.RESTORE)

    with running_server(own):
        assert predicts_with(own) == active
        refused = own.bash("routing-ml backup create && routing-ml backup restore")
    assert refused.returncode == 1
    assert "python scripts/stop_server.py" in refused.stdout
    assert (own.root / "config" / "iter_training.yaml").is_file()


@pytest.mark.slow
def test_a_backup_of_a_running_server_restores_a_destroyed_installation(
    served: Installation, own: Installation
) -> None:
    active = served.manifest()["active_version"]
    made = served.bash("routing-ml backup create && routing-ml backup verify")
    assert made.returncode == 0, made.stdout
    assert "is sound" in made.stdout
    shutil.copytree(served.root / "backups", own.root / "backups")
    for folder in ("models", "data"):
        shutil.rmtree(own.root / folder)

    assert own.bash("routing-ml backup restore").returncode == 0

    assert own.manifest()["active_version"] == active
    assert own.bash("routing-ml models verify").returncode == 0
    assert own.bash("routing-ml jobs list --json").stdout == served.bash("routing-ml jobs list --json").stdout


@pytest.mark.slow
def test_ctrl_c_ends_the_server_and_its_job_and_leaves_nothing_running(own: Installation) -> None:
    with running_server(own, "routing-ml", "serve", "--port", str(own.ports["8000"])) as server:
        started = httpx.post(f"{own.url}/api/training/start", json={}, timeout=30).json()
        wait_for(lambda: status_of(own, started["job_id"]) == "RUNNING", "the training")
        process = psutil.Process(server.pid)
        wait_for(lambda: bool(process.children(recursive=True)), "the training's process")
        family = [process, *process.children(recursive=True)]

        server.send_signal(signal.SIGINT)

        server.wait(timeout=60)
        assert psutil.wait_procs(family, timeout=60)[1] == []
    assert json.loads(own.bash("routing-ml jobs list --json").stdout)[0]["status"] == "STARTED"


@pytest.mark.slow
def test_two_servers_answer_and_one_owns_the_jobs(served: Installation) -> None:
    second = Installation(served.root, {"8000": free_port(), "8001": free_port()})
    with running_server(second):
        owners = [httpx.get(f"{one.url}/health", timeout=30).json()["owns_jobs"] for one in (served, second)]

        assert predicts_with(second) == predicts_with(served)

    assert owners == [True, False]


@pytest.mark.slow
def test_a_dry_run_of_the_installation(fresh: Installation) -> None:
    block = commands.DRY_RUN
    ran = fresh.bash(block.commands)
    if re.search(r"No matching distribution|Connection|timed out|Temporary failure", ran.stdout) and ran.returncode:
        pytest.skip("the package index cannot be reached from here, so a dry run of pip shows nothing")

    assert ran.returncode == 0, ran.stdout
    assert re.search(block.expect[0], ran.stdout)


def test_every_command_that_is_not_run_has_a_reason() -> None:
    assert [entry for entry in commands.NOT_RUN if not (entry.section and entry.command and entry.reason)] == []
