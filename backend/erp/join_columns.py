"""The columns by which a profile's SELECTs join their tables, for indexes on imported ones."""

import re
from collections.abc import Iterable
from typing import Final

_NAME: Final = r'(?:"[^"]+"|\[[^\]]+\]|\w+)'
_QUALIFIED: Final = rf"{_NAME}\s*\.\s*({_NAME})"
_EQUAL: Final = re.compile(rf"{_QUALIFIED}\s*=\s*{_QUALIFIED}")
_USING: Final = re.compile(r"\bUSING\s*\(([^)]*)\)", re.IGNORECASE)


def join_columns(statements: Iterable[str]) -> set[str]:
    """Return the columns that are set equal to another table's, in lower case; a guess good enough for indexes.

    >>> sorted(join_columns(["SELECT a.x FROM a JOIN b ON b.ID = a.[b id] JOIN c USING (k) WHERE a.z = 'b.n = a.m'"]))
    ['b id', 'id', 'k']
    """
    found: set[str] = set()
    for statement in statements:
        bare = re.sub(r"'[^']*'", "''", statement)
        for pair in _EQUAL.findall(bare):
            found.update(pair)
        for names in _USING.findall(bare):
            found.update(name.strip() for name in names.split(","))
    return {name.strip('"[]').lower() for name in found if name}
