"""Making what a fresh clone lacks, so that 'make run' ends in a server that predicts."""

from typing import Final

import typer

from backend.cli.exit_codes import ExitCode
from backend.cli.output import progress, say
from backend.domain.jobs import JobKind, JobStatus
from backend.settings import Settings

DEMO_ITEMS: Final = 20_000


def prepare_installation(settings: Settings) -> None:
    """Make the folders, the configuration, a demo plant where none is configured, the tables and the first model."""
    from backend._connection_pool import uses_embedded_plant
    from backend.erp.embedded import is_empty

    settings.make_directories()
    _make_config(settings)
    if uses_embedded_plant(settings) and is_empty(settings.plant_database_path):
        _make_demo_plant(settings)
    _migrate(settings)
    if not _has_model(settings):
        _train_first_model(settings)


def _make_config(settings: Settings) -> None:
    """Copy the example where there is no configuration: the runbook's section 1.3 backs up a file, not its absence."""
    from backend.registry.durable_files import replace_durable
    from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT

    path = settings.root / CONFIG_FILE
    if not path.exists():
        replace_durable(path, (SOURCE_ROOT / EXAMPLE_FILE).read_bytes())
        say(f"{CONFIG_FILE.as_posix()} is made from {EXAMPLE_FILE.name}: all defaults, each explained")


def _make_demo_plant(settings: Settings) -> None:
    from backend.erp.demo import DemoOptions, write_demo_plant

    with progress(f"Making a demo plant of {DEMO_ITEMS:,} items") as report:
        summary = write_demo_plant(settings.plant_database_path, DemoOptions(items=DEMO_ITEMS), report)
    say(f"  {summary.items:,} items, {summary.work_order_rows:,} rows of work-order results")


def _migrate(settings: Settings) -> None:
    from backend.state.migrating import migrate_state

    migrate_state(settings)


def _has_model(settings: Settings) -> bool:
    from backend.registry.store import ModelStore

    return ModelStore(settings).manifest().active_version is not None


def _train_first_model(settings: Settings) -> None:
    """Train; where there is no model afterwards although nothing failed, say why: the server starts degraded."""
    from backend.cli.job_progress import run_job

    if not settings.env.ENABLE_TRAINING:
        say("routing-ml: there is no model and ENABLE_TRAINING=false forbids to train one; every prediction is refused")
        return
    sampling = settings.config.sampling
    parameters = {"sample_size": sampling.sample_size, "strategy": sampling.strategy}
    job = run_job(settings, JobKind.TRAINING, parameters, "Training the first model")
    if job.status is not JobStatus.SUCCEEDED:
        say(f"routing-ml: the first training ended as {job.status.value}: {job.error or job.current_step}")
        raise typer.Exit(ExitCode.FAILED)
    result = job.result or {}
    if not result.get("promoted"):
        say(f"routing-ml: the first training made no active model: {result.get('reason')}")
