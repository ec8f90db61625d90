"""Which schema of bundle parts this release reads."""

from collections.abc import Mapping
from typing import Any, Final

from backend.errors import BundleError

SCHEMA: Final = 5
"""Raise it with every change of the parts that a release before cannot read, or that this one must not guess."""


def check_schema(feature_config: Mapping[str, Any], version: str | None = None) -> None:
    """Raise BundleError where this release cannot read a bundle; it names the version, else the family."""
    schema, name = feature_config.get("schema"), version or str(feature_config.get("family", "?"))
    if type(schema) is int and schema == SCHEMA:
        return
    if type(schema) is int and 1 <= schema < SCHEMA:
        cause = f"its schema is {schema}, this release reads {SCHEMA}: it lacks what this one learns of work and items"
        raise BundleError(name, cause, "Train again with 'routing-ml train'")
    raise BundleError(name, f"its schema is {schema}, this release reads {SCHEMA}", "Update routing-ml, or train again")
