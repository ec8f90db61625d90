"""Part codes: seven characters that a family shares and four that are the item's own."""

from typing import Final

import numpy as np
import polars as pl

from backend.erp.demo.array_types import BoolArray, IntArray

DIGITS: Final = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
STEM_SPACE: Final = 36**5
STEM_STEP: Final = 48_271_997
"""Coprime to STEM_SPACE, so that no two families share a stem."""
STEM_PREFIXES: Final = ("4H", "00", "1K", "2C", "RK", "VD", "PM", "FC")


def item_codes(family: IntArray, item: IntArray, named: BoolArray) -> pl.Series:
    """Return the codes of items by family and number; named ones are ITEM001, ITEM002 and so on."""
    stems = base36(family * STEM_STEP % STEM_SPACE, 5)
    prefixes = pl.Series(STEM_PREFIXES).gather(family % len(STEM_PREFIXES))
    ordinary = prefixes + stems + base36(item, 4)
    numbers = pl.Series(item + 1).cast(pl.String).str.zfill(3)
    return pl.DataFrame({"named": named, "code": "ITEM" + numbers, "ordinary": ordinary}).select(
        pl.when("named").then("code").otherwise("ordinary")
    )["code"]


def base36(values: IntArray, width: int) -> pl.Series:
    """Write numbers with the digits 0-9 and A-Z, padded to a width."""
    powers = 36 ** np.arange(width - 1, -1, -1)
    characters = np.ascontiguousarray(DIGITS[(values[:, None] // powers) % 36])
    return pl.Series(characters.view(f"<U{width}")[:, 0].astype(object).tolist(), dtype=pl.String)
