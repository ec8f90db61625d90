"""Which schema of parts this release reads, and how parts of an older one become parts of this one."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from backend.domain.models import BundleParts
from backend.errors import BundleError
from backend.ml.arrays import row_lengths

SCHEMA: Final = 3
"""Raise it with every change of the parts, and say below what becomes of those before."""

Migration: TypeAlias = Callable[[BundleParts], BundleParts]
"""Makes parts of one schema into those of the next; the schema number itself is changed for it."""


def up_to_date(parts: BundleParts, version: str | None = None) -> BundleParts:
    """Return the parts in this release's schema; raises BundleError where no migration leads there."""
    check_schema(parts.feature_config, version)
    for step in range(parts.feature_config["schema"], SCHEMA):
        parts = _numbered(MIGRATIONS[step](parts), step + 1)
    return parts


def check_schema(feature_config: Mapping[str, Any], version: str | None = None) -> None:
    """Raise BundleError where this release cannot read a bundle; it names the version, else the family."""
    schema, name = feature_config.get("schema"), version or str(feature_config.get("family", "?"))
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        cause = f"its schema is {schema}, this release reads {SCHEMA} and older ones"
        raise BundleError(name, cause, "Update routing-ml, or train again with 'routing-ml train'")
    lacking = next((LACKING[step] for step in range(schema, SCHEMA) if step not in MIGRATIONS), None)
    if lacking is not None:
        cause = f"its schema is {schema}, this release reads {SCHEMA}: {lacking}"
        raise BundleError(name, cause, "Train again with 'routing-ml train'")


def lengths_for_offsets(parts: BundleParts) -> BundleParts:
    """Give each row of ragged arrays and string tables its length in place of where it begins: a byte, not four."""
    return BundleParts(_with_lengths(parts.model), _with_lengths(parts.vectorizer), parts.feature_config)


def _with_lengths(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_lengths(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) in _ROWS_BY_OFFSETS:
        rest = {key: each for key, each in value.items() if key != "offsets"}
        return {"lengths": row_lengths(value["offsets"]), **rest}
    return {key: _with_lengths(each) for key, each in value.items()}


def _numbered(parts: BundleParts, schema: int) -> BundleParts:
    number = {"schema": schema}
    return BundleParts(parts.model | number, parts.vectorizer | number, parts.feature_config | number)


_ROWS_BY_OFFSETS: Final = ({"offsets", "values"}, {"offsets", "data"})
MIGRATIONS: Final[dict[int, Migration]] = {2: lengths_for_offsets}
"""By the schema that they start from."""
LACKING: Final = {1: "it lacks what this one has learnt of similar items, work centres and times"}
"""Why there is no migration from a schema."""
