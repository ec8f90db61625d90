from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from backend.domain.models import BundleParts, VersionRecord
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import Settings, load_settings


@dataclass
class BundleMaker:
    """Writes small bundles of plain data, each different, into folders of their own."""

    folder: Path
    made: int = 0

    def __call__(self, job_id: str | None = None) -> Path:
        self.made += 1
        folder = self.folder / f"attempt_{self.made}"
        write_bundle(folder, small_parts(self.made), small_record(job_id))
        return folder


def small_parts(marker: int = 0) -> BundleParts:
    return BundleParts(
        model={"marker": marker, "weights": np.arange(50.0) + marker, "text": "tree\n" * 20, "pair": (1, "가", None)},
        vectorizer={"codes": np.array(["ITEM001", "씰링"]), "mask": np.array([True, False]), "blob": b"\x00\x01"},
        feature_config={"attributes": [{"name": "재질", "kind": "categorical"}], "floor": 0.25},
    )


def small_record(job_id: str | None = None) -> VersionRecord:
    return VersionRecord(
        created_at=datetime(2026, 11, 23, 19, 45),  # noqa: DTZ001 - naive UTC is the product's word for time
        data_cutoff=datetime(2026, 10, 1),  # noqa: DTZ001
        family="boosted_trees",
        job_id=job_id,
        plant_profile="ksm",
        seed=7,
        rows={"items": 10, "routings": 20, "work_orders": 30},
        metrics={"mae": 4.2, "cv": None},
        library_versions={"numpy": "2.4"},
    )


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    return BundleMaker(tmp_path)


@pytest.fixture
def parts() -> BundleParts:
    return small_parts()


@pytest.fixture
def record() -> VersionRecord:
    return small_record()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(tmp_path)
    made.make_directories()
    return made


@pytest.fixture
def store(settings: Settings) -> ModelStore:
    """A store whose trial load is left out: tests of the canary ask for the real one."""
    return ModelStore(settings, canary=lambda _folder, _digests: None)
