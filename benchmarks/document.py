"""docs/benchmarks.md: one section per part, each replaced only by a new run of that part."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.machine import Machine
from benchmarks.printing import cost_text
from benchmarks.report import Measured, Report, Table, bars_table, show

BUSY: Final = 1.0
HEADER: Final = """# Benchmarks

Made by `make bench`; nothing here is written by hand. Every section says what was measured how, where, when, and
with which command; running one part again replaces its section alone. "beside" is a reference measured in the same
run, and "ratio" is value / reference. A line marked MISSED breaks the limit that the project has set itself.
"""


def section(name: str, measured: Measured, machine: Machine, arguments: Sequence[str]) -> str:
    """Return one part's section in Markdown."""
    report = measured.report
    lines = [f"## {report.title}", "", f"**{report.summary()}.**", "", report.protocol.strip(), ""]
    if report.bars:
        lines += [*_markdown(bars_table(report.bars), titled=False), ""]
    for table in report.tables:
        lines += [*_markdown(table), "", *([table.note, ""] if table.note else [])]
    lines += _provenance(name, measured, machine, arguments)
    return "\n".join(lines)


def _provenance(name: str, measured: Measured, machine: Machine, arguments: Sequence[str]) -> list[str]:
    report = measured.report
    settings = ", ".join(f"{key} {value}" for key, value in report.settings.items())
    busy = " (other work was running: seconds on the clock are longer than need be)" if machine.load >= BUSY else ""
    return [
        f"- Made by `{' '.join(['python -m benchmarks', name, *arguments])}`" + (f" ({settings})" if settings else ""),
        f"- {machine.started_at:%Y-%m-%d %H:%M} UTC, commit {machine.commit}; {cost_text(measured)}",
        f"- {machine.hardware}; {machine.system}; load {machine.load:.1f} at the start{busy}",
        f"- {machine.versions}",
    ]


def skipped_section(report: Report) -> str:
    """Return the section of a part that could not be measured here."""
    return "\n".join([f"## {report.title}", "", f"Not measured: {report.skipped}.", "", report.protocol.strip()])


def with_sections(text: str, new: Mapping[str, str], order: Sequence[str]) -> str:
    """Return the document with new sections put in place of those of the same name, in the order of the parts."""
    sections = read_sections(text) | dict(new)
    names = [*(name for name in order if name in sections), *sorted(set(sections) - set(order))]
    blocks = [f"<!-- begin {name} -->\n{sections[name].strip()}\n<!-- end {name} -->\n" for name in names]
    return "\n".join([HEADER, *blocks])


def read_sections(text: str) -> dict[str, str]:
    """Return the sections of a document by part."""
    found = re.findall(r"<!-- begin (\w+) -->\n(.*?)\n<!-- end \1 -->", text, flags=re.DOTALL)
    return dict(found)


def _markdown(table: Table, *, titled: bool = True) -> list[str]:
    rows = [[_cell(show(cell)) for cell in row] for row in (table.columns, *table.rows)]
    ruler = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [f"| {' | '.join(row)} |" for row in (rows[0], ruler, *rows[1:])]
    return [f"### {table.title}", "", *lines] if titled else lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
