"""routing-ml demo and import: getting a plant into the embedded database."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_summary, progress, say

if TYPE_CHECKING:
    from backend.erp.demo import DemoOptions

DEMO_ITEMS: Final = 20_000
STORY_ITEMS: Final = 4_000


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
    items: Annotated[
        int | None,
        typer.Option(min=20, max=1_000_000, help="How many items the plant makes (default: 20000; a story's: 4000)."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same plant.")] = 0,
    drift: Annotated[
        Literal["none", "step", "policy", "mix"],
        typer.Option(help="Known changes: of machines (step), of outsourcing (policy), of both (mix)."),
    ] = "mix",
    advance: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Let the existing demo plant live on, for example 30d.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a plant that is not a demo.")] = False,
    story: Annotated[
        bool,
        typer.Option(
            "--story", help="Tell a year of a plant that changes, the loop at work, with a picture (up to an hour)."
        ),
    ] = False,
    days: Annotated[int, typer.Option(min=14, max=1000, help="How many days the story has.")] = 364,
    folder: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where the story's own installation is kept (default: story).")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a synthetic plant, let the existing one live on, or tell the story of one.

    --story advances a plant of its own, in a folder of its own, through a year of days: all machines become slower,
    one night minutes are booked per piece and a model is trained on them, lathes and grinders are replaced.
    Refresh, evaluation, trigger, training, gate, watch and roll-back run as on a server, on the story's calendar. The
    report shows the error of the live system beside that of a frozen model and the noise floor. Stopped or killed,
    the same command goes on where it was.
    """
    from backend.erp.demo import DemoOptions, DriftScenario

    if story:
        summary = _tell_story(folder, items or STORY_ITEMS, seed, days)
    elif advance:
        summary = _advance(read_days(advance))
    else:
        summary = _write_plant(DemoOptions(items or DEMO_ITEMS, seed, DriftScenario(drift)), replace=replace)
    print_json(summary) if as_json else print_summary(summary)


def _write_plant(options: "DemoOptions", *, replace: bool) -> Any:
    from backend.erp.demo import write_demo_plant
    from backend.settings import load_settings

    settings = load_settings()
    settings.make_directories()
    with progress(f"Making a demo plant of {options.items:,} items") as report:
        return write_demo_plant(settings.plant_database_path, options, report, replace_other_plant=replace)


def _advance(days: int) -> Any:
    from backend.erp.demo import advance_demo_plant
    from backend.settings import load_settings

    settings = load_settings()
    settings.make_directories()
    with progress(f"Advancing the demo plant by {days} days") as report:
        return advance_demo_plant(settings.plant_database_path, days, report)


def _tell_story(folder: Path | None, items: int, seed: int, days: int) -> Any:
    from backend.cli.story.installation import StoryFolder
    from backend.cli.story.living import live_through
    from backend.cli.story.plan import StoryPlan
    from backend.settings import load_settings

    root = (folder or load_settings().root / "story").resolve()
    with progress(f"The story of {items:,} items and {days} days in {root}") as report:
        return live_through(StoryFolder(root, StoryPlan.of_days(items, seed, days)), report, say)


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
