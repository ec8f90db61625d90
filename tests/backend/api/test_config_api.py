import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import BaseModel

from backend.api.app import create_app
from backend.api.schemas.config import ConfigChangeRequest, ConfigRestoreRequest
from backend.config_keys import IterTrainingConfig
from backend.configuration.keys import key_schemas
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT, load_settings
from tests.backend.api.conftest import local_client, services_of

URL = "/api/config/iter_training"
NEXT_JOB = [dotted for dotted, schema in key_schemas().items() if schema["effect"] == "next_job"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[TestClient]:
    """The app of an installation whose jobs tell what they have read."""
    app = create_app(load_settings(root))
    services_of(app).jobs = JobEngine(load_settings(root), tasks_module="config_toys")
    with local_client(app) as client:
        yield client


@pytest.fixture
def file(root: Path, server: TestClient) -> Path:
    """The file as the example has it, whatever the test before has done."""
    assert server
    (root / CONFIG_FILE).write_bytes((SOURCE_ROOT / EXAMPLE_FILE).read_bytes())
    return root / CONFIG_FILE


def shown(server: TestClient) -> dict[str, Any]:
    answer = server.get(URL)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def put(server: TestClient, changes: dict[str, Any], etag: str | None = None, **more: Any) -> Response:
    headers = {"If-Match": f'"{etag or shown(server)["etag"]}"'}
    answer: Response = server.put(URL, json={"changes": changes, **more}, headers=headers)
    return answer


@pytest.mark.usefixtures("file")
def test_the_settings_come_with_text_values_schema_and_a_strong_etag(server: TestClient) -> None:
    answer = server.get(URL)
    told = answer.json()

    assert answer.headers["ETag"] == f'"{told["etag"]}"'
    assert told["exists"]
    assert told["yaml"] == (SOURCE_ROOT / EXAMPLE_FILE).read_text(encoding="utf-8")
    assert told["values"] == IterTrainingConfig().model_dump(mode="json")
    assert told["json_schema"]["properties"]["thresholds"]["properties"]["mae_threshold"] == {
        "type": "number",
        "description": "Mean absolute error per operation and lot, at most.",
        "default": 5.0,
        "exclusiveMinimum": 0.0,
        "unit": "minutes",
        "writable": True,
        "effect": "next_job",
    }


def test_every_key_tells_what_it_is_and_only_paths_profile_and_trust_are_fixed(server: TestClient) -> None:
    sections = shown(server)["json_schema"]["properties"]
    told = {f"{name}.{key}": one for name, part in sections.items() for key, one in part["properties"].items()}

    assert list(told) == list(key_schemas())
    assert all(one["description"].endswith(".") for one in told.values())
    assert {dotted for dotted, one in told.items() if not one["writable"]} == {
        "logging.file",
        "plant.profile",
        "security.local_trust",
    }


def test_a_change_keeps_the_rest_and_is_in_the_history(server: TestClient, file: Path) -> None:
    before = file.read_text(encoding="utf-8")

    answer = put(server, {"thresholds.mae_threshold": 4.5, "queue.max_size": 4}, reason="새 기계")

    assert answer.status_code == 200, answer.text
    after = before.replace("mae_threshold: 5.0", "mae_threshold: 4.5").replace("max_size: 3", "max_size: 4")
    assert file.read_text(encoding="utf-8") == after == answer.json()["yaml"]
    newest = server.get(f"{URL}/history", params={"limit": 1}).json()["changes"][0]
    assert (newest["actor"], newest["reason"]) == ("local", "새 기계")
    assert newest["changes"] == [
        {"key": "thresholds.mae_threshold", "before": 5.0, "after": 4.5},
        {"key": "queue.max_size", "before": 3, "after": 4},
    ]
    audited = server.get("/api/audit", params={"limit": 1}).json()["entries"][0]
    assert (audited["action"], audited["audit_id"]) == ("config.change", newest["audit_id"])


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("header", [{}, {"If-Match": ""}, {"If-Match": "*"}])
def test_a_change_of_no_known_version_is_refused(server: TestClient, header: dict[str, str]) -> None:
    answer = server.put(URL, json={"changes": {"queue.max_size": 4}}, headers=header)

    assert (answer.status_code, answer.json()["type"]) == (428, "urn:routing-ml:problem:if-match-needed")


def test_the_second_of_two_tabs_is_told_what_has_changed(server: TestClient, file: Path) -> None:
    etag = shown(server)["etag"]
    assert put(server, {"queue.max_size": 4}, etag).status_code == 200

    late = put(server, {"queue.max_size": 5, "watch.days": 14}, etag)

    assert (late.status_code, late.json()["type"]) == (412, "urn:routing-ml:problem:stale-settings")
    assert late.json()["differing"] == ["queue.max_size"]
    assert late.json()["values"]["queue"]["max_size"] == 4
    assert late.json()["etag"] == shown(server)["etag"]
    assert "max_size: 4" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("file")
def test_an_etag_that_a_compressing_proxy_has_marked_as_weak_still_names_the_file(server: TestClient) -> None:
    etag = shown(server)["etag"]
    for offered, status in ((f'W/"{etag}"', 200), (f'W/"{etag}"', 412), ('W/"no-file"', 412)):
        answer = server.put(URL, json={"changes": {"queue.max_size": 4}}, headers={"If-Match": offered})
        assert answer.status_code == status


@pytest.mark.usefixtures("file")
def test_of_changes_at_once_exactly_one_wins(server: TestClient) -> None:
    etag = shown(server)["etag"]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda size: put(server, {"queue.max_size": size}, etag), range(10, 14)))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (won,) = (answer for answer in answers if answer.status_code == 200)
    assert shown(server)["values"]["queue"] == won.json()["values"]["queue"]


def test_every_bad_key_is_named_and_nothing_is_written(server: TestClient, file: Path) -> None:
    before = file.read_bytes()
    bad = {"queue.max_size": 0, "schedule.refresh": "<b>", "logging.file": "/etc/x", "nonsense<b>": 1}

    answer = put(server, {**bad, "watch.days": 3})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:routing-ml:problem:refused-settings")
    assert [error["location"] for error in answer.json()["errors"]] == [
        "changes.queue.max_size",
        "changes.schedule.refresh",
        "changes.logging.file",
        "changes.(key)",
    ]
    assert "<b>" not in answer.text
    assert file.read_bytes() == before


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"changes": {"gate.significance": NaN}}', 400),
        (b'{"changes": {"gate.significance": 1e999}}', 400),
        (b'{"changes": {}}', 422),
        (b'{"changes": []}', 422),
        (b'{"changes": {"watch.days": 3}, "reason": ""}', 422),
        (b'{"change": {"watch.days": 3}}', 422),
        (b"", 422),
    ],
)
def test_bodies_of_another_form_are_refused(server: TestClient, body: bytes, status: int) -> None:
    headers = {"If-Match": f'"{shown(server)["etag"]}"', "Content-Type": "application/json"}
    assert server.put(URL, content=body, headers=headers).status_code == status


def test_restoring_takes_one_change_back_and_leaves_later_ones(server: TestClient, file: Path) -> None:
    first = put(server, {"queue.max_size": 4, "watch.days": 3}).json()
    change = server.get(f"{URL}/history", params={"limit": 1}).json()["changes"][0]
    second = put(server, {"sampling.seed": 9}, first["etag"]).json()

    answer = server.post(
        f"{URL}/restore", json={"audit_id": change["audit_id"]}, headers={"If-Match": f'"{second["etag"]}"'}
    )

    assert answer.status_code == 200, answer.text
    values = answer.json()["values"]
    assert (values["queue"]["max_size"], values["watch"]["days"], values["sampling"]["seed"]) == (3, 14, 9)
    newest = server.get(f"{URL}/history", params={"limit": 1}).json()["changes"][0]
    assert newest["restored_audit_id"] == change["audit_id"]
    assert newest["changes"][0] == {"key": "queue.max_size", "before": 4, "after": 3}
    assert "max_size: 3 # jobs of one kind" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("file")
def test_restoring_wants_a_known_change_and_the_present_version(server: TestClient) -> None:
    def restore(audit_id: int, headers: dict[str, str]) -> int:
        return int(server.post(f"{URL}/restore", json={"audit_id": audit_id}, headers=headers).status_code)

    put(server, {"queue.max_size": 4})
    newest = server.get(f"{URL}/history", params={"limit": 1}).json()["changes"][0]["audit_id"]

    assert restore(newest, {}) == 428
    assert restore(newest, {"If-Match": '"old"'}) == 412
    assert restore(newest + 1, {"If-Match": f'"{shown(server)["etag"]}"'}) == 404


@pytest.mark.usefixtures("file")
def test_the_history_pages_back(server: TestClient) -> None:
    for size in (4, 5, 6):
        put(server, {"queue.max_size": size})
    newest, *older = server.get(f"{URL}/history").json()["changes"]

    assert server.get(f"{URL}/history", params={"before": newest["audit_id"]}).json()["changes"] == older


def test_a_file_that_somebody_broke_is_said(server: TestClient, file: Path) -> None:
    file.write_text("queue: {max_size: 0}\n", encoding="utf-8")

    answer = server.get(URL)

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:routing-ml:problem:setting")
    assert "queue.max_size" in answer.json()["detail"]


def another(schema: dict[str, Any]) -> Any:
    """Return a value that a key takes and that is not its default."""
    if "enum" in schema:
        return next(value for value in schema["enum"] if value != schema["default"])
    if schema["type"] == "array":
        return schema["default"][:1]
    return 0.4 if "exclusiveMaximum" in schema or schema.get("maximum") == 1 else schema["default"] + 1


@pytest.mark.usefixtures("file")
def test_what_is_said_to_hold_from_the_next_job_on_is_read_by_it(server: TestClient) -> None:
    wanted = {dotted: another(dict(key_schemas()[dotted])) for dotted in NEXT_JOB}
    answer = put(server, wanted)
    assert answer.status_code == 200, answer.text
    assert answer.json()["restart_pending"] == []

    job_id = server.post("/api/training/start").json()["job_id"]
    job = ended(server, job_id)

    assert job["status"] == "SUCCEEDED", job
    read = {dotted: job["result"]["config"][dotted.split(".")[0]][dotted.split(".")[1]] for dotted in NEXT_JOB}
    assert read == wanted
    assert job["result"]["parameters"] == {
        "sample_size": wanted["sampling.sample_size"],
        "strategy": wanted["sampling.strategy"],
    }, "the request's own defaults are the file's too"


@pytest.mark.usefixtures("file")
def test_what_needs_a_restart_is_said_to_wait_for_it(server: TestClient) -> None:
    answer = put(server, {"queue.max_size": 7, "sampling.seed": 3})

    assert answer.json()["restart_pending"] == ["queue.max_size"]
    assert {queue["max_size"] for queue in server.get("/api/system").json()["queues"]} == {3}


def ended(server: TestClient, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = server.get(f"/api/training/jobs/{job_id}/status").json()
        if job["status"] not in {"STARTED", "RUNNING"}:
            return job
        time.sleep(0.05)
    raise AssertionError(job_id)


@pytest.mark.parametrize("model", [ConfigChangeRequest, ConfigRestoreRequest])
def test_the_examples_have_their_own_form(model: type[BaseModel]) -> None:
    (example,) = model.model_json_schema()["examples"]
    assert model.model_validate(example)
