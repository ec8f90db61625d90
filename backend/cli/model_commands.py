"""routing-ml models: list, show, activate, rollback, release, verify."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, print_table
from backend.domain.durations import unit_for

if TYPE_CHECKING:
    from backend.state.promotion_hold import PromotionHold

app = typer.Typer(help="Show, switch and check model versions.", no_args_is_help=True, epilog=EXIT_CODES_HELP)

Reason = Annotated[str, typer.Option(help="Why; kept in the audit log.")]


@app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the versions on disk; the active one serves, the previous one is what a roll-back restores."""
    from backend.registry.store import ModelStore
    from backend.settings import load_settings

    manifest = ModelStore(load_settings()).manifest()
    roles = {manifest.previous_version: "previous", manifest.active_version: "active"}
    versions = [
        {
            "version": version,
            "role": roles.get(version, ""),
            "family": entry.record.family,
            "kind": entry.record.kind,
            "parent": entry.record.parent,
            "created_at": entry.record.created_at,
            "data_cutoff": entry.record.data_cutoff,
            "mae": entry.record.metrics.get("mae"),
            "process_match": entry.record.metrics.get("process_match"),
        }
        for version, entry in sorted(manifest.versions.items(), reverse=True)
    ]
    if as_json:
        print_json({"generation": manifest.generation, "versions": versions})
    else:
        errors = {version: entry.record.metrics.get("mae") for version, entry in manifest.versions.items()}
        unit = unit_for(errors.values())
        for one in versions:
            mae = errors[str(one["version"])]
            one["mae"] = None if mae is None else unit.of(mae)
            one["parent"] = _ending_of(str(one["parent"] or ""))
        columns = (
            "version",
            "role",
            "family",
            "kind",
            "parent",
            "created (UTC)",
            "data until (UTC)",
            f"mae {unit.name}",
            "process match",
        )
        print_table(f"generation {manifest.generation}", columns, (tuple(entry.values()) for entry in versions))
        if hold := _hold():
            typer.echo(f"automatic promotion is held since {hold.held_at:%Y-%m-%d %H:%M} UTC: {hold.reason}")


def _ending_of(version: str) -> str:
    """Return how a version's name ends, which tells it from all others and leaves a table room for them.

    >>> _ending_of("version_20261130T174132Z_g000001"), _ending_of("")
    ('g000001', '')
    """
    return version.rpartition("_")[2]


@app.command()
def show(
    version: Annotated[
        str | None, typer.Argument(help="A version of 'routing-ml models list'; the active one.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show where a version comes from, its files, and the bundle hash that the same data and seed give again."""
    from backend.errors import NoModelError
    from backend.registry.describing import describe_version
    from backend.registry.store import ModelStore
    from backend.settings import load_settings

    manifest = ModelStore(load_settings()).manifest()
    name = version or manifest.active_version
    if name is None:
        raise NoModelError
    shown = describe_version(manifest, name)
    if as_json:
        print_json(shown)
    else:
        print_table(name, ("", ""), _lines(shown))


def _lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Lay a version's facts out to be read; the level that it promised has hundreds of figures, and is for machines."""
    levels = facts["extra"].get("promise")
    told = {"promise": "the level that the trigger holds it to; --json shows it"} if levels else {}
    for key, value in ({name: one for name, one in facts.items() if name != "extra"} | facts["extra"] | told).items():
        if isinstance(value, dict):
            yield (
                key,
                "\n".join(f"{name}: {one if isinstance(one, str) else _plain(one)}" for name, one in value.items()),
            )
        elif value is not None:
            yield key, value if isinstance(value, str) else json.dumps(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).translate(str.maketrans("", "", '{}"'))


@app.command()
def activate(
    version: Annotated[str, typer.Argument(help="A version of 'routing-ml models list'.")],
    reason: Reason = "asked for on the command line",
    as_json: JsonFlag = False,
) -> None:
    """Make a version the serving one."""
    from backend.iter_training.deployer import ModelDeployer

    _print_switch(ModelDeployer().activate(version, reason), as_json)


@app.command()
def rollback(reason: Reason = "asked for on the command line", as_json: JsonFlag = False) -> None:
    """Go back to the version that served before."""
    from backend.iter_training.deployer import ModelDeployer

    _print_switch(ModelDeployer().rollback(reason=reason), as_json)


def _hold() -> "PromotionHold | None":
    from backend.settings import load_settings
    from backend.state.database import open_state_engine, state_url
    from backend.state.migrating import migrate_state
    from backend.state.promotion_hold import read_hold

    settings = load_settings()
    migrate_state(settings)
    return read_hold(open_state_engine(state_url(settings)))


@app.command()
def release() -> None:
    """Let automatic trainings promote again, after the watch rolled a version back."""
    from backend.domain.clock import utc_now
    from backend.iter_training.deployer import RELEASE_ACTION
    from backend.settings import load_settings
    from backend.state.audit import record_audit
    from backend.state.command_actor import command_actor
    from backend.state.database import open_state_engine, state_url
    from backend.state.migrating import migrate_state
    from backend.state.promotion_hold import clear_hold

    settings = load_settings()
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    if not clear_hold(engine, utc_now()):
        typer.echo("automatic promotion is not held")
        return
    record_audit(engine, actor=command_actor(), action=RELEASE_ACTION, subject="promotion", details={})
    typer.echo("automatic trainings may promote again")


def _print_switch(result: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        typer.echo(f"active: {result['version']}  previous: {result['previous_version'] or 'none'}")


@app.command()
def verify(as_json: JsonFlag = False) -> None:
    """Compare every model file with its hash in the manifest."""
    from backend.registry.store import ModelStore
    from backend.settings import load_settings

    problems = ModelStore(load_settings()).verify()
    if as_json:
        print_json({"sound": not problems, "problems": problems})
    else:
        for problem in problems:
            typer.echo(f"✗ {problem.version}: {problem.cause}\n  → {problem.remedy}")
        if not problems:
            typer.echo("every model file is what the manifest says")
    if problems:
        raise typer.Exit(ExitCode.ATTENTION)
