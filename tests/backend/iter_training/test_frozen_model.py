"""A model frozen years before the end of a record that gets no new work: alarm, refresh, retraining, promotion."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from backend.domain.jobs import JobKind
from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from tests.backend.iter_training.task_loop import Loop

pytestmark = pytest.mark.slow
CONFIG = "training: {holdout_days: 90, families: [nearest_neighbour]}\n"


@pytest.fixture(scope="module")
def frozen_until(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loop, date]]:
    """A plant that moved into new halls, and became slower, on the day after which the model knows nothing."""
    root = tmp_path_factory.mktemp("plant")
    (root / "config").mkdir()
    (root / "config" / "iter_training.yaml").write_text(CONFIG, encoding="utf-8")
    settings = load_settings(root)
    settings.make_directories()
    migrate_state(settings)
    write_demo_plant(settings.plant_database_path, DemoOptions(items=100, seed=1), no_progress)
    with closing(sqlite3.connect(settings.plant_database_path)) as connection, connection:
        (newest,) = connection.execute("SELECT max(FINISH_DATE) FROM BI_WORK_ORDER_RESULTS").fetchone()
        moved = date.fromisoformat(newest[:10]) - timedelta(days=365)
        connection.execute(
            "UPDATE BI_WORK_ORDER_RESULTS SET WC_CODE = 'NEW-' || WC_CODE, ACT_RUN_HOURS = ACT_RUN_HOURS * 1.5 "
            "WHERE FINISH_DATE >= ?",
            [moved.isoformat()],
        )
    engine = open_state_engine(state_url(settings))
    yield Loop(settings, engine), moved
    engine.dispose()


def followed(cycle: dict[str, Any]) -> str:
    return str(cycle["trigger"]["action"])


def test_a_frozen_model_is_refreshed_retrained_and_replaced_though_no_new_work_comes(
    frozen_until: tuple[Loop, date],
) -> None:
    loop, moved = frozen_until
    frozen = loop.run(JobKind.TRAINING, 1, sample_size=100, as_of=(moved - timedelta(days=1)).isoformat())
    assert frozen["promoted"], frozen["reason"]

    first = loop.run(JobKind.EVALUATION, 2, strategy="all")
    assert followed(loop.last_cycle()) == "refresh"
    assert first["alerts"]
    loop.run(JobKind.REFRESH, 3)

    loop.run(JobKind.EVALUATION, 4, strategy="all")
    assert followed(loop.last_cycle()) == "retrain"
    retrained = loop.run(JobKind.TRAINING, 5, sample_size=100)
    assert retrained["promoted"], retrained["reason"]

    loop.run(JobKind.EVALUATION, 6, strategy="all")
    assert followed(loop.last_cycle()) in {"none", "insufficient_data"}
