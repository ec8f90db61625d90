"""Says what is wrong with a request in words that repeat nothing of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

MOST_SHOWN: Final = 20
"""A thousand bad items are explained by their first few."""

_UNSAFE_TYPES: Final = frozenset({"value_error", "assertion_error"})
"""Their messages are free text of Python exceptions, which may quote the value."""

_SOURCES: Final = frozenset({"body", "query", "path", "header"})


def describe_validation(errors: Sequence[Mapping[str, Any]], known_names: frozenset[str]) -> list[dict[str, str]]:
    """Return place and problem of the first validation errors; names that are not ours are not shown."""
    shown = known_names | _SOURCES
    return [{"location": _place(error["loc"], shown), "problem": _words(error)} for error in errors[:MOST_SHOWN]]


def _place(location: Sequence[int | str], shown: frozenset[str]) -> str:
    return ".".join(str(part) if isinstance(part, int) or part in shown else "(key)" for part in location)


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "too_long":  # pydantic says "Tuple should have …", which is nobody's word
        return f"at most {error['ctx']['max_length']} entries are allowed"
    return "refused" if error["type"] in _UNSAFE_TYPES else str(error["msg"])
