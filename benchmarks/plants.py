"""Demo plants for benchmarks, written once and kept."""

from pathlib import Path

from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.settings import Settings, load_settings
from benchmarks.options import Options


def demo_plant(options: Options, items: int, seed: int) -> Settings:
    """Return the settings of a kept demo plant, which is only to be read; it is written where it is not there."""
    settings = load_settings(plant_folder(options, items, seed))
    database = settings.plant_database_path
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        print(f"writing a demo plant of {items:,} items, seed {seed} ...", flush=True)
        write_demo_plant(database, DemoOptions(items=items, seed=seed), no_progress)
    return settings


def plant_folder(options: Options, items: int, seed: int) -> Path:
    """Return where a demo plant is kept."""
    return options.folder / f"{items}_{seed}"
