from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.input_guard import MAX_BODY_BYTES
from backend.domain.access import Role
from tests.backend.api.asking import foreign_client, key_of

OpenClient = Callable[[Path], TestClient]

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"item_codes": ["\xc3\x28"]}', 400),
        (b'\xef\xbb\xbf{"item_codes": ["A"]}', 400),
        ('{"item_codes": ["A"]}'.encode("utf-16"), 400),
        (b'{"item_codes": ["A"], "quantity": NaN}', 400),
        (b'{"item_codes": ["A"], "quantity": -Infinity}', 400),
        (b'{"item_codes": ["A"], "quantity": 1e999}', 400),
        (b'{"item_codes": ["A"], "quantity": ' + b"9" * 5000 + b"}", 400),
        (b'{"item_codes": ["A"], "quantity": ' + b"9" * 400 + b"}", 422),
        (rb'{"item_codes": ["\ud800"]}', 400),
        (rb'{"\udfff": 1}', 400),
        (b"[" * 200_000, 400),
        (b"[" * 500 + b"]" * 500, 422),
        (b"null", 422),
        (b'"text"', 422),
        (b'{"item_codes": []}', 422),
        (b"{}", 422),
        (b'{"item_codes": ["' + b"A" * 101 + b'"]}', 422),
        (rb'{"item_codes": ["A\u0000"]}', 422),
        (b'{"item_codes": ["A"], "quantity": 0}', 422),
        (b'{"item_codes": ["A"], "quantity": true}', 422),
        (b'{"item_codes": ["A"], "quantity": "5"}', 422),
        (b'{"item_codes": [' + b",".join([b'"A"'] * 1001) + b"]}", 422),
        (b'{"items": [{}]}', 422),
        (b'{"items": [{"attributes": {"A": [1]}}]}', 422),
        (b"", 422),
    ],
)
def test_a_malformed_body_gets_a_clear_refusal(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/predict", content=body, headers=JSON)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10


def test_a_thousand_and_one_items_are_refused_with_the_limit(client: TestClient) -> None:
    answer = client.post("/api/predict", json={"item_codes": ["A"] * 1001})

    assert answer.json()["errors"] == [
        {"location": "body.item_codes", "problem": "at most 1000 entries are allowed"},
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=cp949"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_only_plain_utf8_json_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/predict", content=b'{"item_codes": ["A"]}', headers=headers).status_code == 415


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 5_000_000, 40_000_000])
def test_a_body_that_is_too_large_is_refused(client: TestClient, size: int) -> None:
    assert client.post("/api/predict", content=b" " * size, headers=JSON).status_code == 413


def test_a_body_that_never_ends_is_refused_too(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 1_000_000

    assert client.post("/api/predict", content=endless(), headers=JSON).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/training/jobs/..%2f..%2fetc%2fpasswd/status"),
        ("GET", "/api/training/jobs/job_../status"),
        ("GET", "/api/training/jobs/job_a%0a/status"),
        ("GET", "/api/training/jobs/job_%00/status"),
        ("GET", "/api/training/jobs/job_" + "a" * 65 + "/status"),
        ("GET", "/api/training/jobs/job_unknown/status"),
        ("DELETE", "/api/training/jobs/job_unknown"),
        ("GET", "/api/training/jobs/job_unknown/events"),
        ("GET", "/api/training/jobs?kind=nothing"),
        ("GET", "/api/items?search=%00"),
        ("GET", "/api/items?search=" + "a" * 101),
        ("GET", "/api/items?limit=99999999999999999999"),
        ("GET", "/api/quality/history?before=yesterday"),
        ("GET", "/docs/assets/..%2f..%2f__init__.py"),
        ("GET", "/docs/assets/%00"),
        ("POST", "/api/models/version_unknown/activate"),
        ("POST", "/api/models/..%2f/activate"),
    ],
)
def test_garbage_in_an_address_is_refused(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient) -> TestClient:
    """A client with a key, so that nothing depends on where it is."""
    app = cast(FastAPI, open_client(tmp_path_factory.mktemp("keyed")).app)
    return foreign_client(app, key_of(app, Role.OPERATOR))


@pytest.mark.parametrize(
    ("headers", "is_served"),
    [
        ({}, True),
        ({"Origin": "http://plant.example", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://plant.example"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://localhost:5173", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://other.plant.example", "Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_only_our_own_pages_and_programs_may_change_things(
    keyed: TestClient, headers: dict[str, str], is_served: bool
) -> None:
    rollback = keyed.post("/api/models/rollback", headers=headers)
    read = keyed.get("/api/models", headers=headers)

    assert (rollback.json().get("type") != "urn:routing-ml:problem:foreign-origin") is is_served
    assert (rollback.status_code != 403) is is_served
    assert read.status_code == 200
