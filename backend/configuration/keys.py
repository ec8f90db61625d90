"""What each key of config/iter_training.yaml takes, as its pydantic field tells it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from backend.config_keys import IterTrainingConfig
from backend.errors import RefusedChangesError
from backend.settings import what_is_allowed

PLACE: Final = "changes"
"""Where a change's keys stand in a request, and so in the locations of a refusal."""


@cache
def config_schema() -> Mapping[str, Any]:
    """Return the JSON schema of the file, sections inlined, each key with unit, effect and whether it is writable."""
    schema = IterTrainingConfig.model_json_schema()
    sections = {name: schema["$defs"][one["$ref"].rsplit("/", 1)[1]] for name, one in schema["properties"].items()}
    return {"type": "object", "additionalProperties": False, "properties": sections}


@cache
def key_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the schema of every dotted key, in the order of the example file."""
    return {
        f"{section}.{key}": schema
        for section, part in config_schema()["properties"].items()
        for key, schema in part["properties"].items()
    }


def value_of(config: IterTrainingConfig, dotted: str) -> Any:
    """Return the value of a dotted key as JSON has it."""
    section, key = dotted.split(".")
    return getattr(config, section).model_dump(mode="json")[key]


def checked_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes as the models read them; raises RefusedChangesError naming every bad key and its reason.

    A name that is no key is not repeated, because clients' input never is.
    """
    known = {dotted: value for dotted, value in changes.items() if dotted in key_schemas()}
    read: dict[str, Any] = {}
    errors = []
    for dotted, value in known.items():
        problem = _not_writable(dotted) or _read_into(read, dotted, value)
        if problem:
            errors.append({"location": f"{PLACE}.{dotted}", "problem": problem})
    if len(known) < len(changes):
        problem = "no such setting; GET /api/config/iter_training lists them"
        errors.append({"location": f"{PLACE}.(key)", "problem": problem})
    if errors:
        raise RefusedChangesError(tuple(errors))
    return read


def _not_writable(dotted: str) -> str | None:
    schema = key_schemas()[dotted]
    if schema["writable"]:
        return None
    return f"cannot be changed over HTTP: {schema['fixed_reason']}; edit config/iter_training.yaml on the server"


def _read_into(read: dict[str, Any], dotted: str, value: Any) -> str | None:
    """Keep a value as its model reads it, or say what is allowed; strictly: "5" is no number and true is not 1."""
    section, key = dotted.split(".")
    model = type(getattr(IterTrainingConfig(), section))
    try:
        read[dotted] = model.model_validate_json(json.dumps({key: value}), strict=True).model_dump(mode="json")[key]
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = (section, *(str(part) for part in first["loc"]))
        return f"allowed: {_words(place, first['type'], first['msg'])}"
    return None


def _words(place: tuple[str, ...], kind: str, message: str) -> str:
    """Say what is allowed: the range, unless it is not even a value of the right type."""
    if kind.endswith(("_type", "_parsing")) or kind == "int_from_float":
        return message.removeprefix("Input should be ")
    return what_is_allowed(IterTrainingConfig, place, message).removeprefix("Input should be ")
