"""Third-party plants, read through their shipped profiles, and the family of models that a training would deploy."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from backend.domain.clock import utc_now
from backend.domain.plant import PlantData
from backend.domain.progress import no_progress
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.erp.importing import import_folder
from backend.erp.reading import PlantReader
from backend.errors import InsufficientDataError
from backend.iter_training.training.trainer import Trainer, TrainingRequest
from backend.ml.model import FAMILIES, Family
from backend.settings import Settings, load_settings
from benchmarks.options import Options

ABSENT: Final = "the third-party data is not here (--data)"


def is_here(options: Options, name: str) -> bool:
    """Tell whether a third-party data set is present."""
    return (options.data / name).is_dir()


def read_real_plant(options: Options, name: str) -> PlantData:
    """Import a data set through the shipped profile of its name and read it as the product does."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as root:
        settings = _settings(Path(root), name)
        import_folder(options.data / name, name, settings, no_progress)
        return PlantReader(settings).read_plant(no_progress)


def without_items(plant: PlantData, items: Sequence[str]) -> PlantData:
    """Return the plant without some items and all that was ever done for them."""
    keep = ~pl.col("item_code").is_in(list(items))
    return PlantData(
        plant.items.filter(keep), plant.routings.filter(keep), plant.work_orders.filter(keep), plant.attributes
    )


def trained_family(plant: PlantData, name: str) -> Family:
    """Return the family that a training on this plant would hand to the gate; it sees nothing but the plant given.

    Where the plant is too small for a choice it is the first one, as in a training.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as root:
        folder = Path(root)
        sampling = Sampling(0, SamplingStrategy.ALL, 0)
        request = TrainingRequest(None, utc_now(), sampling, folder, name, name)
        try:
            outcome = Trainer(plant, None, _settings(folder, name), request, lambda _line: None).run()
        except InsufficientDataError:
            return FAMILIES[0]
    return next(family for family in FAMILIES if family == outcome.challenger.family)


def _settings(root: Path, profile: str) -> Settings:
    config = root / "config" / "iter_training.yaml"
    config.parent.mkdir()
    config.write_text(f"plant:\n  profile: {profile}\n", encoding="utf-8")
    return load_settings(root)
