"""One small demo plant that tests only read."""

import pytest

from backend.erp.demo import DemoOptions, DemoSummary, write_demo_plant


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    """Return the summary of a plant of 2,000 items in data/plant.db of a root of its own."""
    database = tmp_path_factory.mktemp("demo") / "data" / "plant.db"
    return write_demo_plant(database, DemoOptions(items=2_000, seed=7))
