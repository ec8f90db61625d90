"""How the command line speaks: tables for people, JSON for machines, progress on stderr."""

import dataclasses
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from backend.domain.progress import ProgressReport

if TYPE_CHECKING:
    from rich.console import Console

JsonFlag: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

LINE_EVERY_SECONDS: Final = 10.0
_COPIED: Final = ("version", "job")
WIDTH_OF_FILES: Final = 400
"""Columns of a table in a file or a pipe, where nothing needs to be folded."""


def console(*, stderr: bool = False) -> "Console":
    """Return a Rich console; imported late because most start-ups print nothing rich."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = WIDTH_OF_FILES
    return made


def say(text: str) -> None:
    """Print one plain line for a person to stderr, so that stdout stays the answer."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print a value (dataclasses, dates, enums and paths included) as indented JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=to_plain))


def to_plain(value: Any) -> Any:
    """Turn what json does not know into what it knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + ("Z" if value.tzinfo is None else "")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} cannot be printed as JSON")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table for people; text from data is never read as markup."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    table.show_header = any(columns)
    for column in columns:
        # a name that was folded cannot be copied into the next command
        table.add_column(column, overflow="fold", no_wrap=column in _COPIED)
    for row in rows:
        table.add_row(*(escape(shown(cell)) for cell in row))
    console().print(table)


def print_summary(value: Any) -> None:
    """Print a dataclass as one line per field."""
    rows = ((name.replace("_", " "), field) for name, field in to_plain(value).items())
    print_table("", ("", ""), rows)


def shown(value: Any) -> str:
    """Return a cell's text: nothing for None, numbers with thousands, containers without brackets."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(part) for part in value)
    return _shown_number(value) if isinstance(value, int | float) else _shown_word(value)


def _shown_number(value: float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _shown_word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value.value if isinstance(value, Enum) else value)


@contextmanager
def progress(title: str) -> Iterator[ProgressReport]:
    """Show how far long work is: a bar on a terminal, now and then a line elsewhere."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        say(title)
        yield _line_report(title)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[step]}"), console=screen) as bar:
        task = bar.add_task(title, total=1.0, step="")

        def report(share: float, step: str) -> None:
            bar.update(task, completed=share, step=step)

        yield report


def _line_report(title: str, clock: Callable[[], float] = time.monotonic) -> ProgressReport:
    """Return a report that prints at most one line per ten seconds."""
    last_line_at = clock()

    def report(share: float, step: str) -> None:
        nonlocal last_line_at
        if clock() - last_line_at >= LINE_EVERY_SECONDS:
            last_line_at = clock()
            say(f"{title}: {share:.0%} {step}")

    return report
