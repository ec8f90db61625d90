"""Dataclasses of which hundreds are made for one answer."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

RecordT = TypeVar("RecordT")


@dataclass_transform(frozen_default=True)
def record(cls: type[RecordT]) -> type[RecordT]:
    """Make a frozen dataclass that only mypy keeps from being changed: the interpreter makes it in a third of the time.

    What `dataclass(frozen=True)` adds is a slow way round itself, taken once per field of each instance.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
