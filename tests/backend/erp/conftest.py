from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.settings import load_settings
from tests.backend.erp.ksm_plant import KsmPlant


@pytest.fixture
def embedded_plant(tmp_path: Path) -> KsmPlant:
    return KsmPlant(load_settings(tmp_path))


@pytest.fixture(params=["sqlite", "postgresql"])
def plant(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KsmPlant]:
    """The same plant on every database that this machine has."""
    settings = load_settings(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        settings = settings.model_copy(update={"env": settings.env.model_copy(update={"DATABASE_URL": url})})
    ready = KsmPlant(settings)
    yield ready
    ready.engine.dispose()
