"""Item codes that look like one code written in several ways; they are pointed out and never merged."""

from typing import Final

import polars as pl

_SHOWN: Final = 5


def similar_codes(codes: pl.Series) -> str | None:
    """Return how many codes are written in several ways, with examples, and what to do; None where there are none."""
    written = pl.DataFrame({"code": codes.drop_nulls().cast(pl.String).unique().sort()})
    key = pl.col("code").str.strip_chars().str.normalize("NFC").str.to_lowercase().alias("key")
    groups = written.filter(pl.col("code").str.strip_chars() != "").group_by(key).agg("code")
    several = groups.filter(pl.col("code").list.len() > 1).sort("key")["code"].to_list()
    if not several:
        return None
    examples = "; ".join(" / ".join(repr(code) for code in group) for group in several[:_SHOWN])
    more = ", …" if len(several) > _SHOWN else ""
    return (
        f"items: {_counted(len(several))} written in several ways that differ only in capital letters or in "
        f"spaces around them ({examples}{more}); those that differ in capital letters are read as items of their own: "
        "correct them in the ERP where one item is meant"
    )


def _counted(codes: int) -> str:
    return "1 item code is" if codes == 1 else f"{codes:,} item codes are"
