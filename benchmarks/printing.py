"""Reports on the console."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from benchmarks.report import Measured, Table, Verdict, bars_table, show

_STYLES = {Verdict.OK.value: "green", Verdict.MISSED.value: "bold red", Verdict.NOT_MEASURED.value: "bold red"}


def print_report(measured: Measured, console: Console | None = None) -> None:
    """Print a report's figures and tables."""
    console = console or Console(width=max(Console().width, 140))
    report = measured.report
    console.rule(f"{escape(report.title)} · {', '.join(f'{k} {v}' for k, v in report.settings.items())}", align="left")
    if report.bars:
        console.print(_rich(bars_table(report.bars)))
    for table in report.tables:
        console.print(_rich(table))
        if table.note:
            console.print(escape(table.note), style="dim")
    console.print(f"{escape(report.summary())} · {cost_text(measured)}\n")


def cost_text(measured: Measured) -> str:
    """Say what the part itself cost."""
    return (
        f"{measured.wall_seconds:,.0f} s on the clock, {measured.cpu_seconds:,.0f} s of CPU; "
        f"peak {measured.peak_megabytes:,.0f} MB in the part's own process"
    )


def _rich(table: Table) -> RichTable:
    shown = RichTable(title=escape(table.title), title_justify="left", box=box.SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        shown.add_column(escape(column), justify="right" if number else "left")
    for row in table.rows:
        style = next((_STYLES[cell] for cell in row if isinstance(cell, str) and cell in _STYLES), None)
        shown.add_row(*(escape(show(cell)) for cell in row), style=style if style != "green" else None)
    return shown
