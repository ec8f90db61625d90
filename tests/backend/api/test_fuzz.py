"""Thousands of requests that no client should send: whatever comes, the answer is never a 5xx."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

OpenClient = Callable[[Path], TestClient]

pytestmark = pytest.mark.slow

MANY = settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def fuzzed(model_root: Path, tmp_path_factory: pytest.TempPathFactory, open_client: OpenClient) -> TestClient:
    """An installation that predicts, of its own: some of the nonsense is a valid roll-back."""
    return open_client(shutil.copytree(model_root, tmp_path_factory.mktemp("fuzz") / "root"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(
    [
        "item_codes",
        "items",
        "quantity",
        "candidates",
        "evidence",
        "sample_size",
        "strategy",
        "seed",
        "backtest",
        "reason",
        "item_code",
        "model_version",
        "decision",
        "proposed",
        "decided",
        "format",
        "routings",
    ]
)
near_misses = st.dictionaries(
    keys,
    json_values
    | st.lists(st.text(max_size=120), max_size=5)
    | st.lists(st.fixed_dictionaries({}, optional={"item_code": st.text(), "attributes": json_values}), max_size=3)
    | st.sampled_from(["random", "all", "csv", "accepted", 1, 20, 1e308, -0.0]),
)
bodies = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode())
    | near_misses.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
)
posts = st.sampled_from(
    [
        "/api/predict",
        "/api/predict",
        "/api/items/routings",
        "/api/feedback",
        "/api/predict/export",
        "/api/models/rollback",
        "/api/config/iter_training/restore",
        "/api/models/version_1/activate",
        "/api/quality/current",
    ]
)
content_types = st.sampled_from(
    ["application/json"] * 5 + ["text/plain", "application/json; charset=utf-8", "\xff", ""]
)


@given(posts, bodies, content_types)
@MANY
def test_no_body_makes_the_server_fail(fuzzed: TestClient, path: str, body: bytes, content_type: str) -> None:
    answer = fuzzed.post(path, content=body, headers={"Content-Type": content_type.encode("latin-1")})

    assert answer.status_code < 500, answer.text


templates = st.sampled_from(
    [
        "/{}",
        "/api/training/jobs/{}/status",
        "/api/training/jobs/job_{}/events",
        "/api/models/{}/activate",
        "/api/items?search={}",
        "/api/items?search=a&limit={}",
        "/api/items/item?item_code={}",
        "/api/items/attributes?name=PART_TYPE&search={}",
        "/api/items/attributes?values={}",
        "/api/feedback?item_code={}",
        "/api/feedback?before={}",
        "/api/feedback/agreement?days={}",
        "/api/quality/history?limit={}",
        "/api/quality/history?before={}",
        "/api/quality/history?before=2026-01-01T00:00:00{}",
        "/api/training/jobs?kind={}",
        "/api/quality/cycles/cycle_{}",
        "/api/quality/cycles/cycle_1/items?search={}",
        "/api/quality/cycles/cycle_1/items?dimension=operation&value={}",
        "/api/quality/cycles/cycle_1/items/item?item_code={}",
        "/api/models/{}",
        "/api/models/compare?left={}&right=version_1",
        "/api/audit?action={}",
        "/api/audit?before={}",
        "/api/config/iter_training/history?before={}",
        "/api/logs?source={}",
        "/api/logs?text={}",
        "/api/logs?before={}",
        "/api/logs?since=2026-01-01T00:00:00{}",
        "/api/logs?before=00112233445566ff.{}.1",
        "/docs/assets/{}",
        "/health?{}",
    ]
)
pieces = (
    st.binary(max_size=40).map(quote_from_bytes)
    | st.text(max_size=40).map(lambda text: quote_from_bytes(text.encode("utf-8", "surrogatepass")))
    | st.sampled_from(
        ["%00", "..%2f..%2f", "%ff", "a" * 5000, "99999999999999999999", "-1", "%0d%0aX:1", "+14:00", "Z"]
    )
)


@given(st.sampled_from(["GET", "GET", "DELETE", "POST", "PUT", "TRACE"]), templates, pieces)
@MANY
def test_no_address_makes_the_server_fail(fuzzed: TestClient, method: str, template: str, piece: str) -> None:
    answer = fuzzed.request(method, template.format(piece), follow_redirects=False)

    assert answer.status_code < 500, answer.text


@given(
    st.dictionaries(
        st.sampled_from(["X-Request-ID", "Last-Event-ID", "Accept", "Content-Length", "Expect"]), st.binary(max_size=80)
    )
)
@settings(MANY, max_examples=300)
def test_no_header_makes_the_server_fail(fuzzed: TestClient, headers: dict[str, bytes]) -> None:
    answer = fuzzed.post("/api/predict", content=b'{"item_codes": ["ITEM001"]}', headers=headers)
    followed = fuzzed.get("/api/training/jobs/job_1/events", headers=headers)

    assert answer.status_code < 500
    assert followed.status_code < 500
