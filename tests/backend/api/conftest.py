import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api.app import create_app
from backend.api.services import Services
from backend.domain.models import VersionRecord
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.erp.reading import PlantReader
from backend.iter_training.jobs.job_engine import JobEngine
from backend.ml.model import FitOptions, fit_model
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import load_settings

HERE = str(Path(__file__).parent)

OpenClient = Callable[[Path], TestClient]


@pytest.fixture(scope="session", autouse=True)
def _toys_can_be_imported() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        patch.setenv("PYTHONPATH", HERE, prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def open_client() -> Iterator[OpenClient]:
    """Open the real app of an installation in this process, as one that leaves running jobs to others."""
    with ExitStack() as stack:

        def opened(root: Path) -> TestClient:
            app = create_app(load_settings(root))
            services_of(app).jobs = JobEngine(load_settings(root), may_own=False)
            return stack.enter_context(local_client(app))

        yield opened


@pytest.fixture(scope="module")
def jobs_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The app of an installation that runs jobs, with toy tasks; a process can have one such app at a time."""
    settings = load_settings(tmp_path_factory.mktemp("jobs"))
    app = create_app(settings)
    services_of(app).jobs = JobEngine(settings, tasks_module="api_toys")
    with local_client(app) as client:
        yield client


@pytest.fixture(scope="session")
def model_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a small demo plant and two versions of a model of it."""
    settings = load_settings(tmp_path_factory.mktemp("with-model"))
    settings.make_directories()
    write_demo_plant(settings.plant_database_path, DemoOptions(items=20, history_days=90))
    model = fit_model(PlantReader(settings).read_plant(), None, FitOptions("nearest_neighbour"))
    for number in (1, 2):
        made_at = datetime(2026, 7, number)  # noqa: DTZ001 - naive UTC, as everywhere inside
        record = VersionRecord(made_at, model.data_cutoff, model.family, None, "ksm", 0, {}, {"mae": 4.2}, {})
        folder = settings.root / f"attempt_{number}"
        write_bundle(folder, model.to_parts(), record)
        ModelStore(settings).promote(folder, actor="test", reason="first models")
    return settings.root


@pytest.fixture(scope="module")
def model_client(model_root: Path, open_client: OpenClient) -> TestClient:
    """An installation that predicts."""
    return open_client(model_root)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="module")
def client(root: Path, open_client: OpenClient) -> TestClient:
    """A fresh installation: no plant, no model."""
    return open_client(root)


def local_client(app: FastAPI) -> TestClient:
    """A client in this process that is served as this machine's own user is; no socket could say whose it is."""
    services_of(app).access.peer_owner = lambda _peer, _own: 0
    peer = ("127.0.0.1", 50000)
    return TestClient(app, base_url="http://localhost", client=peer, raise_server_exceptions=False)


def services_of(app: FastAPI) -> Services:
    services: Services = app.state.services
    return services
