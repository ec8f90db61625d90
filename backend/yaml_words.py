"""What is wrong with a YAML text, in words: line, column and problem."""

import re
from typing import Final

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

_TWICE: Final = re.compile(r'found duplicate key "(.*?)" with value')


def yaml_problem(text: str, error: YAMLError) -> str:
    """Say where the text stops being YAML, and why."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f"line {line}: the character number {error.character!r} is not allowed"
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    mark = error.problem_mark
    here = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    return f"line {mark.line + 1}, column {mark.column + 1}: {_cause(error, text, here, mark.line, mark.column)}"


def _cause(error: MarkedYAMLError, text: str, here: str, line: int, column: int) -> str:
    twice = _TWICE.search(error.problem or "")
    if twice:
        kind = "section" if column == 0 else "key"
        return f"{kind} {twice[1]!r} was there before{_first_line(error, text, here, line)}"
    if here[column : column + 1] == "\t":
        return "a tab indents; use spaces" if not here[:column].strip() else "a tab stands where none may; use spaces"
    return ": ".join(part for part in (error.context, error.problem) if part)


def _first_line(error: MarkedYAMLError, text: str, here: str, line: int) -> str:
    """Name the line of the same key at the same depth, where the key stands on a line of its own."""
    start = error.context_mark.line if error.context_mark else 0
    key = here.partition(":")[0].rstrip()
    before = text.splitlines()[start:line]
    found = next(
        (number for number, other in enumerate(before, start) if other.partition(":")[0].rstrip() == key), None
    )
    return "" if found is None else f" (line {found + 1})"
