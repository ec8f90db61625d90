"""Checks of this installation: configuration, databases, models, jobs, logs and backups."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from backend.cli.doctor.finding import Finding, Verdict, judged
from backend.cli.doctor.writing import trouble_writing
from backend.cli.ordinary_faults import file_error
from backend.domain.access import Role
from backend.domain.clock import Clock, utc_now
from backend.errors import DatabaseUnavailableError, ProfileError, SettingError
from backend.iter_training.jobs.job_journal import COMMANDS, failure_of
from backend.iter_training.jobs.job_store import JobStore
from backend.monitoring.cycles import read_quarantine
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, Settings
from backend.state.migrating import is_at_head
from backend.state.users import credentials_exist, list_users

STUCK_AFTER: Final = timedelta(hours=12)


def check_config(settings: Settings) -> Finding:
    """Say which configuration is in force; a refused one never gets this far."""
    if (settings.root / CONFIG_FILE).exists():
        return Finding("configuration", Verdict.OK, f"{CONFIG_FILE.as_posix()} is valid")
    detail = f"no {CONFIG_FILE.as_posix()}; the defaults are in force ({EXAMPLE_FILE.as_posix()} shows them)"
    return Finding("configuration", Verdict.NOTE, detail)


def check_plant(settings: Settings) -> Finding:
    """Reach the plant's database as the configured profile does; an embedded one must hold something."""
    from backend._connection_pool import CHECK_SECONDS, uses_embedded_plant
    from backend.erp.embedded import is_empty
    from backend.erp.reading import PlantReader

    try:
        if uses_embedded_plant(settings) and is_empty(settings.plant_database_path):
            remedy = "Fill it with 'routing-ml demo' or 'routing-ml import', or set DATABASE_SERVER in .env."
            return Finding("plant database", Verdict.FAULT, "the embedded plant, data/plant.db, is empty", remedy)
        reader = PlantReader(settings, CHECK_SECONDS)  # its first question proves the connection as well
        profile, inferred = reader.profile.name, reader.inferred_attributes
    except SettingError as error:
        return Finding("plant database", Verdict.FAULT, str(error), "Correct that key; .env.example explains each.")
    except (DatabaseUnavailableError, ProfileError) as error:
        return Finding("plant database", Verdict.FAULT, str(error), f"{error.remedy}.")
    except OSError as error:
        unusable = file_error(error)
        if unusable is None:
            raise
        return Finding("plant database", Verdict.FAULT, str(unusable), f"{unusable.remedy}.")
    said = "".join(f"; {name} is not in profile.yaml, read as {how}" for name, how in inferred.items())
    return Finding("plant database", Verdict.OK, f"answers (profile {profile}){said}")


def check_logs(settings: Settings) -> Finding:
    """Try to write where the logs go."""
    folder = settings.log_dir
    if trouble := trouble_writing(folder):
        cause, remedy = trouble
        return Finding("log folder", Verdict.FAULT, cause, f"{remedy} Or set LOG_PATH in .env.")
    return Finding("log folder", Verdict.OK, f"{folder} is writable")


def check_state(settings: Settings, engine: Engine) -> Finding:
    """Compare the schema of our own tables with this release's."""
    remedy = "'python scripts/migrate_database.py' makes the tables; so does starting the server."
    if engine.dialect.name == "sqlite" and not (settings.data_dir / "state.db").is_file():
        return Finding("state database", Verdict.NOTE, "not there yet; starting the server makes it")
    if not is_at_head(engine):
        return Finding("state database", Verdict.FAULT, "has not the tables of this release", remedy)
    return unwritable_state(engine) or Finding("state database", Verdict.OK, "has the tables of this release")


def unwritable_state(engine: Engine) -> Finding | None:
    """Return what keeps an SQLite file from being written to; a server's disk is its own affair."""
    if engine.dialect.name != "sqlite":
        return None
    trouble = trouble_writing(Path(str(engine.url.database)).parent)
    return Finding("state database", Verdict.FAULT, *trouble) if trouble else None


def check_access(engine: Engine) -> Finding:
    """Say whether other machines are served, and whether anybody can let them be."""
    remedy = "routing-ml users add NAME --role admin"
    if not credentials_exist(engine):
        detail = f"no user or key yet: this machine's own user alone is served, all others get 403 until '{remedy}'"
        return Finding("access", Verdict.NOTE, detail)
    admins = [user.name for user in list_users(engine) if user.role is Role.ADMIN and not user.disabled]
    detail = f"{len(admins)} may administrate" if admins else "nobody can log in as an admin"
    return judged("access", bool(admins), detail, remedy)


def check_quarantine(engine: Engine) -> Iterator[Finding]:
    """List what the last full read of the plant set aside."""
    counts = read_quarantine(engine)
    if not counts:
        yield Finding("quarantine", Verdict.NOTE, "no rows, or the plant was never read whole (training does)")
    for count in counts:
        share = count["rows"] / count["rows_read"] if count["rows_read"] else 0.0
        detail = f"{count['rows']:,} of {count['rows_read']:,} rows ({share:.1%}): {count['reason']}"
        yield Finding(f"quarantine {count['source_table']}", Verdict.NOTE, detail)


def check_jobs(engine: Engine, *, server_is_running: bool, clock: Clock = utc_now) -> Finding:
    """Find jobs that wait for a server that is not there, or have run for too long."""
    unfinished = JobStore(engine, clock).unfinished()
    old = [job.job_id for job in unfinished if clock() - (job.started_at or job.created_at) > STUCK_AFTER]
    if old:
        detail = f"unfinished for long: {', '.join(old)}"
        return Finding("jobs", Verdict.WARNING, detail, f"routing-ml jobs log {old[0]}")
    detail = f"{len(unfinished)} unfinished" if unfinished else "none unfinished"
    is_good = server_is_running or not unfinished
    return judged("jobs", is_good, detail, "They go on when a server runs: routing-ml serve")


def check_failed_jobs(engine: Engine, clock: Clock = utc_now) -> Iterator[Finding]:
    """Name the kinds of job whose last one failed."""
    for job in JobStore(engine, clock).last_failures():
        remedy = f"Remove that cause, then {COMMANDS[job.kind]}. 'routing-ml jobs log {job.job_id}' says more."
        yield Finding(f"last {job.kind}", Verdict.WARNING, failure_of(job), remedy)


def check_backup(settings: Settings, clock: Clock = utc_now) -> Finding:
    """Tell how old the newest backup is; having none yet is only noted."""
    from backend.monitoring.found_backups import newest_backup

    newest, passed_over = newest_backup(settings.root)
    if newest is None:
        none_yet = f"none yet ({passed_over})" if passed_over else "none yet"
        return Finding("backup", Verdict.NOTE, f"{none_yet}; 'routing-ml backup create' makes one")
    age_days = (clock() - newest.created_at) / timedelta(days=1)
    detail = f"{newest.path.name}, {age_days:.1f} days old"
    return Finding("backup", Verdict.OK, f"{detail}; {passed_over}" if passed_over else detail)
