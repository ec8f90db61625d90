"""All checks in the order of the runbook; one that cannot run becomes a finding itself."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from backend.cli.doctor import installation, loop, machine, models
from backend.cli.doctor.finding import Finding, Verdict
from backend.cli.ordinary_faults import FileUnusableError, as_own_error
from backend.cli.running_servers import find_servers
from backend.errors import WHOLE_FILE, DatabaseUnavailableError, SettingError
from backend.settings import Settings, load_settings
from backend.state.database import open_state_engine, state_url


def examine(root: Path) -> list[Finding]:
    """Run every check on the installation at root."""
    findings = [
        machine.check_python(),
        machine.check_node(),
        machine.check_disk(root),
        machine.check_memory(),
    ]
    try:
        settings = load_settings(root)
    except SettingError as error:
        what = "that file" if error.key == WHOLE_FILE else "that key"
        remedy = f"Correct {what}; config/iter_training.yaml.example and .env.example explain each key."
        return [*findings, Finding("configuration", Verdict.FAULT, str(error), remedy)]
    findings += machine.check_ports(root, settings.env.API_PORT)
    findings += [installation.check_config(settings), installation.check_plant(settings)]
    findings += models.check_models(settings)
    findings += _state_findings(settings)
    return [*findings, installation.check_logs(settings), installation.check_backup(settings)]


def _state_findings(settings: Settings) -> Iterator[Finding]:
    """Check the state database and, where it can be read, what is in it."""
    try:
        engine = open_state_engine(state_url(settings))
    except SettingError as error:
        remedy = "Correct STATE_DATABASE_URL in .env, or leave it out to use data/state.db."
        yield Finding("state database", Verdict.FAULT, f"cannot be used: {error}", remedy)
        return
    try:
        schema = installation.check_state(settings, engine)
        yield schema
        if schema.verdict is Verdict.OK:
            yield installation.check_access(engine)
            yield from installation.check_quarantine(engine)
            yield from loop.check_loop(engine)
            yield installation.check_jobs(engine, server_is_running=bool(find_servers(settings.root)))
            yield from installation.check_failed_jobs(engine)
    except (SQLAlchemyError, OSError) as error:
        yield installation.unwritable_state(engine) or _unusable(error)
    finally:
        engine.dispose()


def _unusable(error: SQLAlchemyError | OSError) -> Finding:
    """Say what keeps the state database from being used, in the words of the commands that stop at it."""
    own = as_own_error(error)
    if isinstance(own, DatabaseUnavailableError | FileUnusableError):
        return Finding("state database", Verdict.FAULT, str(own), f"{own.remedy}.")
    remedy = "Is STATE_DATABASE_URL right, or data/state.db damaged? 'routing-ml backup restore' puts one back."
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    return Finding("state database", Verdict.FAULT, f"cannot be used: {type(error).__name__}: {cause}", remedy)
