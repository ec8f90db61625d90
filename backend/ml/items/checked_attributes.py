"""Reading attribute values that people or programs send."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from backend.domain.plant import Attribute, AttributeKind
from backend.domain.prediction import AttributeValue


@dataclass(slots=True)
class AttributeProblemError(ValueError):
    """An attribute is not known, or its value cannot be read."""

    attribute: str
    problem: str

    def __str__(self) -> str:
        return f"attribute {self.attribute[:60]!r} {self.problem}"


def checked_attributes(
    given: Mapping[str, AttributeValue], known: Mapping[str, Attribute]
) -> dict[str, AttributeValue]:
    """Return values as the encoder takes them; raises AttributeProblemError naming the first bad one."""
    checked: dict[str, AttributeValue] = {}
    for name, value in given.items():
        attribute = known.get(name)
        if attribute is None:
            raise AttributeProblemError(str(name), f"is not an attribute of this plant{_hint(str(name), known)}")
        checked[name] = None if value is None else _read(attribute, value)
    return checked


def _hint(name: str, known: Mapping[str, Attribute]) -> str:
    """Name the attribute that may be meant.

    >>> _hint("LENGTH_UNIT", {"LENGTH": Attribute("LENGTH", AttributeKind.NUMERIC)}), _hint("X", {})
    ("; did you mean 'LENGTH'?", '')
    """
    close = get_close_matches(name[:60], known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _read(attribute: Attribute, value: str | float) -> AttributeValue:
    if attribute.kind is AttributeKind.NUMERIC:
        return read_number(attribute.name, value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise AttributeProblemError(attribute.name, "is not a finite number")
        return f"{value:.12g}"
    return value.strip() or None


def read_number(name: str, value: str | float) -> float | None:
    """Read a number, also from text and with a decimal comma; empty text is a missing value.

    >>> read_number("width", " 12,5 "), read_number("width", "")
    (12.5, None)
    """
    text = value.strip() if isinstance(value, str) else value
    if text == "":
        return None
    try:
        number = float(text.replace(",", ".") if isinstance(text, str) and text.count(",") == 1 else text)
    except ValueError:
        raise AttributeProblemError(name, "is not a number") from None
    if not math.isfinite(number) or abs(number) > 1e30:
        raise AttributeProblemError(name, "is not a finite number")
    return number
