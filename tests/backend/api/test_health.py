import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.services import Services
from backend.domain.jobs import JobKind, JobStatus
from backend.iter_training.jobs.job_store import JobStore
from backend.monitoring.log_files import app_log_file
from backend.registry.store import ModelStore
from tests.backend.api.conftest import services_of

OpenClient = Callable[[Path], TestClient]


def test_a_fresh_installation_serves_and_says_how_to_get_a_model(client: TestClient) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["version"] == "1.0.0"
    assert "routing-ml" in answer.json()["reasons"][0]["command"]


def test_the_embedded_plant_is_connected(client: TestClient) -> None:
    answer = client.get("/api/db/health")

    assert answer.status_code == 200
    assert answer.json()["database"] == "connected"


def test_a_database_that_is_away_is_a_problem_and_the_server_still_serves(
    tmp_path: Path, open_client: OpenClient
) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://nobody:secret99@127.0.0.1:1/erp\n")
    client = open_client(tmp_path)
    answer = client.get("/api/db/health")

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret99" not in answer.text
    assert client.get("/health").status_code == 200


@pytest.mark.slow
def test_a_database_that_takes_the_call_but_never_speaks_is_a_problem_too(
    tmp_path: Path, open_client: OpenClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        (tmp_path / ".env").write_text(f"DATABASE_URL=postgresql://nobody@127.0.0.1:{port}/erp\n")
        client = open_client(tmp_path)
        answer = client.get("/api/db/health")

    assert answer.status_code == 503
    assert client.get("/health").status_code == 200


def test_a_state_database_that_is_away_degrades_the_server_but_does_not_keep_it_from_starting(
    tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.api.services.PATIENCE_SECONDS", 3600)
    monkeypatch.setattr("backend.api.services.FIRST_ANSWER_SECONDS", 0.3)
    (tmp_path / ".env").write_text("STATE_DATABASE_URL=postgresql+psycopg://nobody@127.0.0.1:1/state\n")
    client = open_client(tmp_path)

    assert "jobs" in [reason["part"] for reason in client.get("/health").json()["reasons"]]
    deadline = time.monotonic() + 20
    while "cannot be used" not in client.get("/health").text:
        assert time.monotonic() < deadline
    assert client.post("/api/training/start").status_code == 503
    assert client.get("/api/quality/current").json()["type"] == "urn:routing-ml:problem:starting"
    assert client.get("/metrics").status_code == 200


def _services(client: TestClient) -> Services:
    assert isinstance(client.app, FastAPI)
    return services_of(client.app)


def test_a_failed_job_degrades_the_server_until_a_later_one_of_its_kind_ends_well(
    tmp_path: Path, open_client: OpenClient
) -> None:
    client = open_client(tmp_path)
    services = _services(client)
    store = JobStore(services.state, services.clock)

    def end(kind: JobKind, status: JobStatus) -> str:
        limits = services.settings.config.queue
        job = store.admit(kind, {}, automatic=False, limits=limits, enqueue=lambda _connection, _job: None)
        store.begin_attempt(job.job_id, "me")
        return store.conclude(job.job_id, status, error="its process was killed by signal 9").job_id

    def reasons() -> list[dict[str, str]]:
        return [one for one in client.get("/health").json()["reasons"] if one["part"] == "jobs"]

    assert reasons() == []
    failed = end(JobKind.EVALUATION, JobStatus.FAILED)
    end(JobKind.REFRESH, JobStatus.SUCCEEDED)
    told = f"the last evaluation, {failed}, failed: its process was killed by signal 9"
    assert reasons() == [{"part": "jobs", "problem": told, "command": "routing-ml evaluate"}]
    assert client.get("/health").json()["status"] == "degraded"
    end(JobKind.EVALUATION, JobStatus.SUCCEEDED)
    assert reasons() == []


def test_a_full_disk_degrades_the_server_and_says_what_cannot_be_stored(
    tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = open_client(tmp_path)

    def problems() -> list[str]:
        return [one["problem"] for one in client.get("/health").json()["reasons"] if one["part"] == "disk"]

    assert problems() == []
    monkeypatch.setattr("backend.monitoring.machine.FULL_BELOW_BYTES", 10**18)
    assert len(problems()) == 1
    assert problems()[0].startswith("the disk of models, logs, data is full (")


def test_the_metrics_count_the_reasons_of_each_part(tmp_path: Path, open_client: OpenClient) -> None:
    client = open_client(tmp_path)
    parts = [reason["part"] for reason in client.get("/health").json()["reasons"]]
    told = client.get("/metrics").text

    assert parts == ["model"]
    assert 'routing_ml_health_problems{part="model"} 1.0' in told
    for part in ("plant", "jobs", "disk"):
        assert f'routing_ml_health_problems{{part="{part}"}} 0.0' in told


def test_the_metrics_count_models_that_do_not_load_and_lines_that_are_lost(
    tmp_path: Path, open_client: OpenClient
) -> None:
    client = open_client(tmp_path)
    told = client.get("/metrics").text
    assert "routing_ml_model_reload_failures_total 0.0" in told
    assert "routing_ml_log_lines_dropped_total 0.0" in told
    (tmp_path / "models/manifest.json").write_text("spoiled")
    log = app_log_file(_services(client).settings)
    log.rename(log.with_name("away"))
    log.mkdir()
    client.get("/api/models")
    told = client.get("/metrics").text

    assert "routing_ml_model_reload_failures_total 1.0" in told
    assert re.search(r"routing_ml_log_lines_dropped_total [1-9]", told)


def test_a_job_table_that_cannot_be_read_degrades_the_server(tmp_path: Path, open_client: OpenClient) -> None:
    client = open_client(tmp_path)
    with _services(client).state.begin() as connection:
        connection.exec_driver_sql("DROP TABLE training_jobs")

    assert "the state database does not answer" in client.get("/health").text


def test_a_model_folder_that_can_be_used_again_no_longer_degrades_the_server(
    tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_is_back = threading.Event()

    def recover(_store: ModelStore) -> list[str]:
        if not folder_is_back.is_set():
            raise PermissionError(13, "Permission denied", "models")
        return []

    def problems() -> str:
        return " ".join(reason["problem"] for reason in client.get("/health").json()["reasons"])

    monkeypatch.setattr("backend.api.services.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("backend.api.services.FIRST_ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(ModelStore, "recover", recover)
    client = open_client(tmp_path)
    assert "Permission denied" in problems()
    folder_is_back.set()
    deadline = time.monotonic() + 20
    while "Permission denied" in problems():
        assert time.monotonic() < deadline


def test_the_model_that_serves_is_logged_once_at_the_start(
    model_root: Path, open_client: OpenClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_client(model_root).get("/health").status_code == 200

    assert caplog.text.count("serving model version_") == 1


def test_the_directories_of_the_runbook_are_made_at_the_start(client: TestClient, root: Path) -> None:
    client.get("/health")
    wanted = ("logs/performance", "deliverables/quality_reports", "models/default", "data/training_jobs", "old")

    assert all((root / folder).is_dir() for folder in wanted)
