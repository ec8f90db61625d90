from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.api.schemas.model_details import ModelComparison, ModelDetails
from backend.cli.app import app as command_line
from backend.domain.models import BundleParts, VersionRecord
from backend.errors import UnknownVersionError
from backend.registry.bundle import write_bundle
from backend.registry.describing import describe_version
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import load_settings
from backend.state.gate_decisions import read_decision, store_decision

OpenClient = Callable[[Path], TestClient]

FIGURES = {"mae": 3.9, "wape": 0.11, "process_match": 0.9, "work_centre_match": 0.9, "operation_count": 212}
DECISION: dict[str, Any] = {
    "promoted": True,
    "reason": "promoted: better times",
    "champion_version": None,
    "compared_operations": 3120,
    "checks": [{"name": "improvement", "passed": True, "detail": "better times"}],
    "metrics": {"mae": 4.2},
    "champion_metrics": {"mae": 4.4},
    "data_seen": {"judged_items": 500},
    "decided_at": "2026-07-02T00:00:00Z",
    "version": "version_x",
    "figures": {
        "intervals": {"mae": [3.9, 4.5]},
        "champion_intervals": {"mae": [4.1, 4.7]},
        "segments": [
            {"dimension": "part_type", "value": "링", "challenger": FIGURES, "champion": FIGURES | {"mae": 4.8}},
            {"dimension": "part_type", "value": "new", "challenger": FIGURES, "champion": None},
        ],
        "segments_left_out": 2,
    },
}


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An installation with three versions; toy bundles, that no server loads."""
    settings = load_settings(tmp_path_factory.mktemp("versions"))
    settings.make_directories()
    for number in (1, 2, 3):
        made_at = datetime(2026, 7, number)  # noqa: DTZ001 - naive UTC, as everywhere inside
        extra = {"config": {"gate": {"significance": number / 1000}}, "code": "1.0.0", "promise": {"all": number}}
        record = VersionRecord(
            made_at,
            made_at,
            "boosted_trees",
            f"job_{number}",
            "ksm",
            0,
            {"items": number},
            {"mae": 4.2 + number},
            {},
            extra,
        )
        folder = settings.root / f"attempt_{number}"
        write_bundle(folder, BundleParts({"n": number}, {}, {}), record)
        ModelStore(settings, canary=lambda _folder, _digests: None).promote(folder, actor="test", reason="first")
    names = sorted(ModelStore(settings).manifest().versions)
    return settings.root, names


@pytest.fixture(scope="module")
def gated(versions: tuple[Path, list[str]], open_client: OpenClient) -> tuple[TestClient, list[str]]:
    """The second version was judged against the first; of the third nothing is known but its record."""
    root, names = versions
    client = open_client(root)
    state = cast(FastAPI, client.app).state.services.state
    store_decision(state, "job_2", deepcopy(DECISION) | {"champion_version": names[0]})
    return client, names


def get(client: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_version_is_shown_with_its_record_files_and_the_gates_decision(gated: tuple[TestClient, list[str]]) -> None:
    client, names = gated
    shown = get(client, f"/api/models/{names[1]}")

    assert (shown["version"], shown["active"], shown["created_at"]) == (names[1], False, "2026-07-02T00:00:00Z")
    assert shown["extra"]["config"] == {"gate": {"significance": 0.002}}
    assert set(shown["files"]) == {"model.pkl", "vectorizer.pkl", "feature_config.json", "version.json"}
    assert shown["gate"]["checks"] == DECISION["checks"]
    assert shown["gate"]["intervals"] == {"mae": [3.9, 4.5]}
    assert shown["gate"]["segments"] == DECISION["figures"]["segments"]
    assert shown["gate"]["segments_left_out"] == 2
    assert get(client, f"/api/models/{names[2]}")["gate"] is None
    assert get(client, f"/api/models/{names[2]}")["active"] is True


def test_a_decision_of_an_earlier_release_has_no_intervals(gated: tuple[TestClient, list[str]]) -> None:
    client, names = gated
    state = cast(FastAPI, client.app).state.services.state
    old = {name: value for name, value in DECISION.items() if name not in {"figures", "data_seen"}}
    store_decision(state, "job_1", old)

    gate = get(client, f"/api/models/{names[0]}")["gate"]
    assert (gate["metrics"], gate["intervals"], gate["segments"]) == ({"mae": 4.2}, {}, [])


def test_the_command_line_prints_the_same(
    versions: tuple[Path, list[str]], gated: tuple[TestClient, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, names = versions
    settings = load_settings(root)
    monkeypatch.setattr(settings_module, "load_settings", lambda: settings)
    printed = CliRunner().invoke(command_line, ["models", "show", names[1], "--json"])
    shown = get(gated[0], f"/api/models/{names[1]}")

    assert f'"bundle_hash": "{shown["bundle_hash"]}"' in printed.output
    assert describe_version(ModelStore(settings).manifest(), names[1])["rows"] == shown["rows"]


@pytest.mark.parametrize("left_first", [True, False])
def test_versions_that_met_at_a_gate_are_compared_by_what_it_saw(
    gated: tuple[TestClient, list[str]], left_first: bool
) -> None:
    client, (champion, challenger, _) = gated
    pair = {"left": champion, "right": challenger} if left_first else {"left": challenger, "right": champion}
    found = get(client, "/api/models/compare", **pair)
    old, new = ("left", "right") if left_first else ("right", "left")

    assert found["measured_on"] == "same_work"
    (mae,) = found["metrics"]
    assert (mae[old], mae[new]) == (4.4, 4.2)
    assert mae[f"{old}_interval"] == [4.1, 4.7]
    by_value = {one["value"]: one for one in found["segments"]}
    assert (by_value["링"][old]["mae"], by_value["링"][new]["mae"]) == (4.8, 3.9)
    assert (by_value["new"][old], by_value["new"][new]["mae"]) == (None, 3.9)


def test_versions_that_never_met_have_the_figures_of_their_own_gates(gated: tuple[TestClient, list[str]]) -> None:
    client, (first, _, third) = gated
    found = get(client, "/api/models/compare", left=first, right=third)

    assert found["measured_on"] == "different_work"
    assert [(one["left"], one["right"]) for one in found["metrics"]] == [(5.2, 7.2)]
    assert found["segments"] == []


def test_what_two_versions_were_made_with_is_told_where_it_differs(gated: tuple[TestClient, list[str]]) -> None:
    client, (first, second, _) = gated
    found = get(client, "/api/models/compare", left=first, right=second)["differences"]

    assert {one["name"]: (one["left"], one["right"]) for one in found} == {
        "data_cutoff": ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"),
        "rows.items": (1, 2),
        "config.gate.significance": (0.001, 0.002),
    }
    assert get(client, "/api/models/compare", left=first, right=first)["differences"] == []


@pytest.mark.parametrize("path", ["version_9", "compare?left=version_9&right=version_9"])
def test_an_unknown_version_is_a_404_that_does_not_repeat_it(gated: tuple[TestClient, list[str]], path: str) -> None:
    answer = gated[0].get(f"/api/models/{path}")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:routing-ml:problem:unknown-version")
    assert "version_9" not in answer.text


@pytest.mark.parametrize("path", ["compare", "compare?left=version_1", "compare?left=..&right=version_1", "latest"])
def test_what_is_no_version_is_refused(gated: tuple[TestClient, list[str]], path: str) -> None:
    assert gated[0].get(f"/api/models/{path}").status_code == 422


def test_a_decision_is_stored_once(gated: tuple[TestClient, list[str]]) -> None:
    state = cast(FastAPI, gated[0].app).state.services.state
    store_decision(state, "job_2", deepcopy(DECISION) | {"reason": "another"})
    stored = read_decision(state, "job_2")

    assert stored is not None
    assert stored["reason"] == "promoted: better times"
    assert read_decision(state, "job_9") is None


def test_a_manifest_without_versions_describes_none() -> None:
    with pytest.raises(UnknownVersionError, match="not known"):
        describe_version(Manifest(), "version_1")


@pytest.mark.parametrize("schema", [ModelDetails, ModelComparison])
def test_the_example_has_the_answers_form(schema: type[ModelDetails]) -> None:
    (example,) = schema.model_json_schema()["examples"]
    assert set(schema.model_validate(example).model_fields_set) == set(schema.model_fields)
