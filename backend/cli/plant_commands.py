"""routing-ml demo and import: getting a plant into the embedded database."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_summary, progress


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=EXIT_CODES_HELP)(demo)
    app.command("import", epilog=EXIT_CODES_HELP)(import_)


def read_days(text: str) -> int:
    """Read a span such as 30d or 4w as days."""
    match = re.fullmatch(r"(\d{1,4})([dw])", text)
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter(f"{text!r} is not a span such as 30d (days) or 4w (weeks)")
    return int(match[1]) * (7 if match[2] == "w" else 1)


def demo(  # noqa: PLR0913, PLR0917 - each is one option of the command
    items: Annotated[int, typer.Option(min=20, max=1_000_000, help="How many items the plant makes.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same plant.")] = 0,
    drift: Annotated[
        Literal["none", "step", "policy", "mix"],
        typer.Option(help="Known changes: of machines (step), of outsourcing (policy), of both (mix)."),
    ] = "mix",
    advance: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Let the existing demo plant live on, for example 30d.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a plant that is not a demo.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a synthetic plant, or let the existing one live on."""
    from backend.erp.demo import DemoOptions, DriftScenario, advance_demo_plant, write_demo_plant
    from backend.settings import load_settings

    settings = load_settings()
    settings.make_directories()
    days = read_days(advance) if advance else 0
    with progress(
        f"Advancing the demo plant by {days} days" if days else f"Making a demo plant of {items:,} items"
    ) as report:
        if days:
            summary = advance_demo_plant(settings.plant_database_path, days, report)
        else:
            options = DemoOptions(items=items, seed=seed, drift=DriftScenario(drift))
            summary = write_demo_plant(settings.plant_database_path, options, report, replace_other_plant=replace)
    print_json(summary) if as_json else print_summary(summary)


def import_(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of CSV, Parquet or XLSX files.")],
    profile: Annotated[str, typer.Option(help="Plant profile: a folder below config/plants/.")],
    as_json: JsonFlag = False,
) -> None:
    """Load a folder of files into the embedded plant."""
    from backend.erp.importing import import_folder
    from backend.settings import load_settings

    settings = load_settings()
    settings.make_directories()
    with progress(f"Importing {folder}") as report:
        summary = import_folder(folder, profile, settings, report)
    print_json(summary) if as_json else print_summary(summary)
