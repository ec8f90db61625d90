import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.api.problems import PROBLEM_KINDS, StartingError, kind_of
from backend.api.services import Services
from backend.errors import ImportFileError, RoutingMLError, StoryError
from backend.monitoring.log_files import app_log_file
from backend.settings import load_settings

OpenClient = Callable[[Path], TestClient]


def services_of(client: TestClient) -> Services:
    services: Services = cast(FastAPI, client.app).state.services
    return services


NEVER_OVER_HTTP = {ImportFileError, StoryError}


def families(error_class: type[Exception]) -> Iterator[type[Exception]]:
    for child in error_class.__subclasses__():
        yield child
        yield from families(child)


def test_every_error_of_the_product_has_a_status() -> None:
    ours = {one for one in families(RoutingMLError) if one.__module__.startswith("backend.")}
    ours -= {one for one in ours if one.__module__.startswith("backend.cli.")}  # they end in an exit code
    without = {one for one in ours - NEVER_OVER_HTTP if not any(parent in PROBLEM_KINDS for parent in one.__mro__)}

    assert without == set()


def test_the_nearest_entry_decides() -> None:
    class SlowStartError(StartingError):
        pass

    assert kind_of(SlowStartError()).name == "starting"
    assert kind_of(KeyError()).status == 500


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nowhere", 404),
        ("PATCH", "/health", 405),
        ("GET", "/api/predict", 405),
        ("PUT", "/api/predict", 405),
    ],
)
def test_the_frameworks_own_refusals_are_problem_documents(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_an_unexpected_error_is_a_500_that_tells_nothing_but_where_to_look(
    tmp_path: Path, open_client: OpenClient
) -> None:
    client = open_client(tmp_path)

    class Broken:
        def search_items(self, _text: str, _limit: int) -> None:
            raise LookupError("internal detail")

    services_of(client).plant = Broken()  # type: ignore[assignment]
    answer = client.get("/api/items", headers={"X-Request-ID": "find-me"})
    log = app_log_file(load_settings(tmp_path)).read_text("utf-8")

    assert answer.status_code == 500
    assert answer.json()["request_id"] == "find-me"
    assert "internal detail" not in answer.text
    assert re.search(r"ERROR routing_ml.api \[find-me\] LookupError: internal detail", log)
    assert "  | Traceback" in log


CANARY = "xyzzy-canary"
PLACES = st.sampled_from(["item_codes", "items", "quantity", "candidates", "evidence", CANARY])
VALUES = st.sampled_from([CANARY, [CANARY], {CANARY: CANARY}, [{CANARY: 1}], [{"attributes": {CANARY: {CANARY: []}}}]])


@given(st.dictionaries(PLACES, VALUES, min_size=1))
@settings(max_examples=200, deadline=None)
def test_a_refusal_never_repeats_the_request(client: TestClient, body: dict[str, object]) -> None:
    answer = client.post("/api/predict", json=body)

    assert answer.status_code in {422, 503}
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "path", [f"/api/items?limit={CANARY}", f"/api/{CANARY}", f"/api/models/version_{CANARY}/activate"]
)
def test_a_refused_address_is_not_repeated_either(client: TestClient, path: str) -> None:
    answers = [client.get(path), client.post(path)]

    assert all(400 <= answer.status_code < 500 for answer in answers)
    assert not [answer for answer in answers if CANARY in answer.text]


@pytest.mark.parametrize(
    ("switch", "method", "path"),
    [
        ("ENABLE_TRAINING", "POST", "/api/training/start"),
        ("ENABLE_TRAINING", "POST", "/api/training/refresh"),
        ("ENABLE_QUALITY_MONITORING", "POST", "/api/quality/evaluate"),
        ("ENABLE_QUALITY_MONITORING", "GET", "/api/quality/current"),
    ],
)
def test_what_is_switched_off_is_a_403_that_names_the_switch(
    tmp_path: Path, open_client: OpenClient, switch: str, method: str, path: str
) -> None:
    (tmp_path / ".env").write_text(f"{switch}=false\n")
    answer = open_client(tmp_path).request(method, path)

    assert answer.status_code == 403
    assert switch in answer.json()["detail"]


def test_a_switch_is_read_anew_and_no_restart_is_asked_for(tmp_path: Path, open_client: OpenClient) -> None:
    client = open_client(tmp_path)
    assert client.get("/api/quality/current").status_code == 404
    (tmp_path / ".env").write_text("ENABLE_QUALITY_MONITORING=false\n")
    refused = client.get("/api/quality/current")
    assert refused.status_code == 403
    assert "restart" not in refused.json()["detail"]
    (tmp_path / ".env").unlink()
    assert client.get("/api/quality/current").status_code == 404


@pytest.mark.parametrize(("offered", "kept"), [("abc-1", True), ("a" * 65, False), ("a b", False), ("a\tb", False)])
def test_a_request_id_is_kept_if_it_is_sane(client: TestClient, offered: str, kept: bool) -> None:
    answer = client.get("/health", headers={"X-Request-ID": offered})

    assert (answer.headers["x-request-id"] == offered) is kept
