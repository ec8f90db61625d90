"""routing-ml backup: create, verify, restore."""

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, progress, say

app = typer.Typer(help="Create, verify and restore backups.", no_args_is_help=True, epilog=EXIT_CODES_HELP)

Archive = Annotated[
    str | None, typer.Argument(help="File or name in backups/; the newest of 'backup create' when left out.")
]


@app.command()
def create(
    with_plant: Annotated[bool, typer.Option(help="Add the embedded plant (data/plant.db).")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Back up models, state, configuration and 30 days of logs; the server may keep running."""
    from backend.cli.backup.creating import create_backup
    from backend.settings import load_settings

    with progress("Backing up") as report:
        summary = create_backup(load_settings(), report, with_plant=with_plant)
    if as_json:
        print_json(summary.to_listing() | {"path": summary.path})
        return
    say(f"{len(summary.files)} files; model {summary.active_version or 'none'}")
    for item in summary.left_out:
        say(f"not in it: {item}")
    typer.echo(f"Backup created: {summary.path}")


@app.command()
def verify(archive: Archive = None, as_json: JsonFlag = False) -> None:
    """Read an archive to its end and compare every file with the archive's own list."""
    from backend.cli.backup.verifying import verify_backup
    from backend.settings import load_settings

    path = _chosen(load_settings().root, archive)
    with progress("Verifying") as report:
        summary, problems = verify_backup(path, report)
    if as_json:
        print_json({"path": path, "sound": not problems, "problems": problems, "files": len(summary.files)})
    elif problems:
        for problem in problems:
            typer.echo(f"✗ {problem}")
    else:
        typer.echo(f"{path.name} is sound: {len(summary.files)} files, model {summary.active_version or 'none'}")
    if problems:
        raise typer.Exit(ExitCode.ATTENTION)


@app.command()
def restore(
    archive: Archive = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a backup back while no server runs; what stood there before moves to old/."""
    from backend.cli.backup.restoring import restore_backup
    from backend.settings import load_settings

    settings = load_settings()
    path = _chosen(settings.root, archive)
    with progress("Restoring") as report:
        summary = restore_backup(settings, path, report)
    if as_json:
        print_json(summary)
        return
    typer.echo(f"Restored {summary.archive.name}: model {summary.active_version or 'none'}")
    say(f"put back: {', '.join(summary.replaced)}")
    if any(name.endswith("state.db") for name in summary.replaced):
        say("users, passwords and keys are the backup's too: look through 'routing-ml users list' and 'keys list'")
    say(f"what stood there before is in {summary.kept_in}")


def _chosen(root: Path, archive: str | None) -> Path:
    """Return the archive to use, and say which newer ones were passed over."""
    from backend.cli.backup.archive import find_backup
    from backend.monitoring.found_backups import newest_backup

    path = find_backup(root, archive)
    if archive is None and (passed_over := newest_backup(root)[1]):
        say(f"{path.name} is taken; {passed_over}")
    return path
