import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.domain.prediction import PredictionQuery, PredictionStatus
from backend.errors import NoModelError
from backend.registry.layout import LoadedBundle
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.serving import model_follower
from backend.serving.predictor import Predictor
from backend.settings import Settings

QUERIES = [PredictionQuery("ITEM001"), PredictionQuery("ITEM002", quantity=5)]


def promote(store: ModelStore, bundle: Path) -> Manifest:
    return store.promote(bundle, actor="test", reason="a test")


def roll_back(store: ModelStore) -> Manifest:
    return store.rollback(actor="test", reason="a test")


def spoil(store: ModelStore, manifest: Manifest, default_too: bool = True) -> Path:
    folder = store.layout.version_dir(str(manifest.active_version))
    for spoiled in (folder, store.layout.default_dir) if default_too else (folder,):
        (spoiled / "model.pkl").write_bytes(b"spoiled")
    return folder


def test_without_a_model_the_answer_is_how_to_make_one_and_the_first_model_serves_at_once(
    predictor: Predictor, store: ModelStore, bundles: list[Path]
) -> None:
    with pytest.raises(NoModelError, match="routing-ml train"):
        predictor.predict(QUERIES)
    health = predictor.health()
    assert (health.status, health.active_version, health.reload_failures) == ("degraded", None, 0)
    assert "routing-ml train" in health.reasons[0]
    manifest = promote(store, bundles[0])
    answer = predictor.predict(QUERIES)
    assert answer.model_version == manifest.active_version
    assert [prediction.status for prediction in answer.predictions] == [PredictionStatus.OK] * 2
    assert predictor.health().status == "healthy"


def test_while_the_first_deployment_is_under_way_there_is_simply_no_model_yet(
    settings: Settings, predictor: Predictor, bundles: list[Path]
) -> None:
    def look(_folder: Path, _digests: object) -> None:
        with pytest.raises(NoModelError, match="routing-ml train"):
            predictor.predict(QUERIES)
        assert predictor.health().reload_failures == 0

    promote(ModelStore(settings, canary=look), bundles[0])
    assert predictor.health().status == "healthy"


def test_each_request_follows_promotions_and_roll_backs(
    predictor: Predictor, store: ModelStore, bundles: list[Path]
) -> None:
    seen = []
    for bundle in (bundles[0], bundles[1], None):
        manifest = roll_back(store) if bundle is None else promote(store, bundle)
        answer = predictor.predict(QUERIES)
        assert answer.model_version == manifest.active_version
        seen.append(answer.data_cutoff)
    assert seen[0] == seen[2] != seen[1]


def test_the_model_in_memory_is_kept_when_the_same_version_stays_active(
    predictor: Predictor, store: ModelStore, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = promote(store, bundles[0])
    predictor.predict(QUERIES)
    loaded_at = predictor.health().loaded_at
    with monkeypatch.context() as patch:
        patch.setattr(ModelStore, "load_active", _fail)
        (store.layout.models_dir / "manifest.json").touch()
        assert predictor.predict(QUERIES).model_version == first.active_version
    assert predictor.health().loaded_at == loaded_at
    assert predictor.health().status == "healthy"


def _fail(_store: ModelStore) -> Any:
    raise AssertionError("nothing should have been loaded")


def test_a_version_that_does_not_load_leaves_the_old_one_serving_and_is_retried_seldom(
    predictor: Predictor, store: ModelStore, bundles: list[Path], time_passing: Any
) -> None:
    first = promote(store, bundles[0])
    predictor.predict(QUERIES)
    spoil(store, promote(store, bundles[1]))
    for _ in range(5):
        assert predictor.predict(QUERIES).model_version == first.active_version
    health = predictor.health()
    assert (health.status, health.reload_failures, health.active_version) == ("degraded", 1, first.active_version)
    assert "Run 'routing-ml models rollback'" in health.reasons[0]
    time_passing.now += model_follower.RETRY_SECONDS + 1
    predictor.predict(QUERIES)
    assert predictor.health().reload_failures == 2
    roll_back(store)
    assert predictor.predict(QUERIES).model_version == first.active_version
    assert predictor.health().status == "healthy"


def test_a_damaged_manifest_leaves_the_model_in_memory_serving(
    predictor: Predictor, store: ModelStore, bundles: list[Path]
) -> None:
    first = promote(store, bundles[0])
    predictor.predict(QUERIES)
    (store.layout.models_dir / "manifest.json").write_bytes(b"{")
    assert predictor.predict(QUERIES).model_version == first.active_version
    assert "backup" in predictor.health().reasons[0]
    (store.layout.models_dir / "manifest.json").unlink()
    assert predictor.predict(QUERIES).model_version == first.active_version
    assert any("missing" in reason for reason in predictor.health().reasons)


def test_a_damaged_version_folder_is_served_from_default_until_the_named_repair_is_done(
    predictor: Predictor, store: ModelStore, bundles: list[Path], time_passing: Any
) -> None:
    folder = spoil(store, promote(store, bundles[0]), default_too=False)
    assert predictor.predict(QUERIES).predictions[0].status is PredictionStatus.OK
    assert f"Run 'mv {folder} {folder}.damaged && routing-ml doctor'" in predictor.health().reasons[0]
    folder.rename(f"{folder}.damaged")
    store.recover()
    time_passing.now += model_follower.RETRY_SECONDS + 1
    assert predictor.health().status == "healthy"


def test_with_nothing_loadable_the_error_says_how_to_get_out(
    predictor: Predictor, store: ModelStore, bundles: list[Path]
) -> None:
    promote(store, bundles[0])
    spoil(store, promote(store, bundles[1]))
    with pytest.raises(NoModelError, match="routing-ml models rollback"):
        predictor.predict(QUERIES)


@pytest.mark.slow
def test_versions_change_under_load_without_an_error_or_a_mixture(
    predictor: Predictor, store: ModelStore, bundles: list[Path]
) -> None:
    cutoffs = {}
    done = threading.Event()

    def ask() -> set[tuple[str, Any]]:
        seen = set()
        while not done.is_set():
            answer = predictor.predict(QUERIES, evidence=False)
            assert len(answer.predictions) == len(QUERIES)
            seen.add((answer.model_version, answer.data_cutoff))
        return seen

    def change(number: int) -> None:
        manifest = roll_back(store) if number % 4 == 3 else promote(store, bundles[number % 3])
        cutoffs[str(manifest.active_version)] = store.load(str(manifest.active_version))[1].data_cutoff
        assert predictor.predict(QUERIES).model_version == manifest.active_version, "an old version answered"

    change(0)
    with ThreadPoolExecutor(4) as threads:
        askers = [threads.submit(ask) for _ in range(4)]
        try:
            for number in range(1, 12):
                change(number)
        finally:
            done.set()
        seen = set().union(*(asker.result() for asker in askers))
    assert seen <= set(cutoffs.items())
    assert predictor.health().reload_failures == 0


def test_many_first_requests_load_the_model_once(
    predictor: Predictor, store: ModelStore, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(store, bundles[0])
    loads = []
    load = ModelStore.load_active

    def counted(store: ModelStore) -> LoadedBundle:
        loads.append(1)
        return load(store)

    monkeypatch.setattr(ModelStore, "load_active", counted)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: predictor.predict(QUERIES), range(16)))
    assert len({answer.model_version for answer in answers}) == 1
    assert len(loads) == 1
