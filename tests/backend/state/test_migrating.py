import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from backend.settings import SOURCE_ROOT, Settings, load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import HEAD, migrate_state
from backend.state.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    found = load_settings(tmp_path)
    return found.model_copy(update={"env": found.env.model_copy(update={"STATE_DATABASE_URL": url})})


def test_a_fresh_database_gets_every_table_and_a_second_run_does_nothing(settings: Settings) -> None:
    assert migrate_state(settings) is True
    assert migrate_state(settings) is False
    engine = open_state_engine(state_url(settings))
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes here")
def test_a_new_database_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    migrate_state(load_settings(tmp_path))
    assert (tmp_path / "data/state.db").stat().st_mode & 0o077 == 0


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(settings: Settings) -> None:
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == [], "write a migration: 'alembic revision --autogenerate', and raise HEAD"


def test_the_head_known_to_the_code_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(SOURCE_ROOT / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_database_at_head_is_recognised_without_loading_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from backend.settings import load_settings; from backend.state.migrating import migrate_state;"
        "migrate_state(load_settings()); sys.exit('alembic' in sys.modules)"
    )
    environment = os.environ | {"ROUTING_ML_ROOT": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 1
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0


@pytest.mark.slow
def test_processes_that_start_together_migrate_once_and_all_succeed(settings: Settings) -> None:
    program = (
        "from backend.settings import load_settings; from backend.state.migrating import migrate_state;"
        "input(); print(migrate_state(load_settings()))"
    )
    environment = os.environ | {"ROUTING_ML_ROOT": str(settings.root)}
    if settings.env.STATE_DATABASE_URL:
        environment["STATE_DATABASE_URL"] = settings.env.STATE_DATABASE_URL
    command = [sys.executable, "-c", program]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(answers) == ["False", "False", "False", "True"]
