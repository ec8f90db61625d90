"""What a person may set, and the file that is set, for several tests of the settings."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backend.configuration.keys import key_schemas

WRITABLE = {dotted: schema for dotted, schema in key_schemas().items() if schema["writable"]}


def values_of(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Draw values that a key takes."""
    if schema.get("unit") == "cron":
        return st.sampled_from(["", "0 3 * * *", "*/5 1-3 * jan mon", "30 2 1 1 0"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "array":
        return st.lists(st.sampled_from(schema["items"]["enum"]), min_size=1, unique=True)
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "integer":
        return st.integers(schema.get("minimum"), schema["maximum"])
    smallest, largest = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    return st.floats(
        above if smallest is None else smallest,
        below if largest is None else largest,
        exclude_min=smallest is None,
        exclude_max=largest is None and below is not None,
        allow_infinity=False,
        allow_nan=False,
    )


changes = st.lists(st.sampled_from(sorted(WRITABLE)), min_size=1, max_size=4, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: values_of(WRITABLE[key]) for key in keys})
)

HAND_WRITTEN = """\
# 설정: 2공장 라우팅 예측
queue:
    max_size:   2      # 동시에 두 개까지
    # cooldown_hours: 12

schedule:
  # never at night
sampling: {seed: 7, strategy: 'recent_bias'} # 최근 품목
training:
  families:
  - boosted_trees
# the gate is strict on purpose
gate: {}
thresholds:
  mae_threshold: 4.0 # 분
# 끝"""
"""Indented, quoted and commented as people do, without a line end at its end."""
COMMENTS = [line[line.index("#") :] for line in HAND_WRITTEN.splitlines() if "#" in line]
