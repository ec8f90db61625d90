import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_job_is_left(jobs_client: TestClient) -> Iterator[None]:
    yield
    for job in jobs_client.get("/api/training/jobs").json()["jobs"]:
        jobs_client.delete(f"/api/training/jobs/{job['job_id']}")
        until(jobs_client, job["job_id"], lambda job: job["finished_at"] is not None)


def start(client: TestClient, sample_size: int) -> str:
    answer = client.post("/api/training/start", json={"sample_size": sample_size, "strategy": "random"})
    assert answer.status_code == 200
    assert answer.json()["status"] == "STARTED"
    job_id: str = answer.json()["job_id"]
    assert job_id.startswith("job_")
    return job_id


def until(client: TestClient, job_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + 30
    while True:
        job: dict[str, Any] = client.get(f"/api/training/jobs/{job_id}/status").json()
        if condition(job):
            return job
        assert time.monotonic() < end, job
        time.sleep(0.05)


def events(text: str) -> list[dict[str, str]]:
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if "event:" in block]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_a_training_job_is_started_watched_and_followed_to_its_end(jobs_client: TestClient) -> None:
    job_id = start(jobs_client, 3)
    stream = events(jobs_client.get(f"/api/training/jobs/{job_id}/events").text)
    statuses = [json.loads(one["data"])["status"] for one in stream if one["event"] == "status"]
    lines = [json.loads(one["data"])["line"] for one in stream if one["event"] == "log"]
    job = jobs_client.get(f"/api/training/jobs/{job_id}/status").json()

    assert statuses[-1] == job["status"] == "SUCCEEDED"
    assert (job["progress"], job["result"]) == (100, {"steps": 3})
    assert [line for line in lines if "step 2" in line]

    middle = stream[2]["id"]
    resumed = jobs_client.get(f"/api/training/jobs/{job_id}/events", headers={"Last-Event-ID": middle})
    assert [one["event"] for one in events(resumed.text) if one["event"] == "log"] == ["log"] * (
        len(lines) - int(middle.split(".")[1])
    )
    after_the_end = {"Last-Event-ID": stream[-1]["id"]}
    assert jobs_client.get(f"/api/training/jobs/{job_id}/events", headers=after_the_end).status_code == 204


def test_a_running_job_is_cancelled(jobs_client: TestClient) -> None:
    job_id = start(jobs_client, 1000)
    until(jobs_client, job_id, lambda job: job["status"] == "RUNNING")
    assert jobs_client.delete(f"/api/training/jobs/{job_id}").status_code == 200
    until(jobs_client, job_id, lambda job: job["status"] == "CANCELLED")
    assert jobs_client.get(f"/api/training/jobs/{job_id}/events").text.count("CANCELLED") == 1


def test_a_full_queue_is_a_409_that_names_the_jobs_and_loses_none(jobs_client: TestClient) -> None:
    accepted = {start(jobs_client, 1000) for _ in range(3)}
    refused = jobs_client.post("/api/training/start", json={"sample_size": 10})

    assert refused.status_code == 409
    assert refused.json()["max_size"] == 3
    assert set(refused.json()["waiting"]) == accepted
    listed = jobs_client.get("/api/training/jobs?kind=training").json()["jobs"]
    assert {job["job_id"] for job in listed if job["finished_at"] is None} == accepted


def test_an_evaluation_runs_in_the_background_with_the_configured_sample(jobs_client: TestClient) -> None:
    answer = jobs_client.post("/api/quality/evaluate")
    job = jobs_client.get(f"/api/training/jobs/{answer.json()['job_id']}/status").json()

    assert answer.status_code == 200
    assert job["kind"] == "evaluation"
    assert job["parameters"] == {"sample_size": 500, "strategy": "random", "seed": 0, "backtest": False}


def test_a_refresh_without_new_work_ends_as_skipped_and_says_why(jobs_client: TestClient) -> None:
    answer = jobs_client.post("/api/training/refresh")
    assert answer.status_code == 200
    job = until(jobs_client, answer.json()["job_id"], lambda job: job["finished_at"] is not None)

    assert (job["kind"], job["status"], job["progress"]) == ("refresh", "SKIPPED", 100)
    assert job["result"]["reason"] == "no work order was finished"
    listed = jobs_client.get("/api/training/jobs?kind=refresh").json()["jobs"]
    assert [one["job_id"] for one in listed] == [job["job_id"]]


def test_an_ended_job_cannot_be_cancelled(jobs_client: TestClient) -> None:
    job_id = start(jobs_client, 1)
    until(jobs_client, job_id, lambda job: job["status"] == "SUCCEEDED")

    assert jobs_client.delete(f"/api/training/jobs/{job_id}").status_code == 409


def test_the_schedule_tells_when_each_kind_is_due_next(jobs_client: TestClient) -> None:
    jobs = {job["kind"]: job for job in jobs_client.get("/api/training/schedule").json()["jobs"]}

    assert set(jobs) == {"refresh", "evaluation"}
    assert jobs["refresh"]["time_zone"] == "Asia/Seoul"
    assert jobs["refresh"]["next_due_at"].endswith("T17:30:00Z")
