"""Sets two model versions side by side: figures, of one gate where both were judged there, and what made them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.api.schemas.model_details import (
    ComparedMetric,
    ComparedSegment,
    Difference,
    GateView,
    ModelComparison,
    ModelDetails,
    SegmentFigures,
)

_MADE_WITH: Final = (
    "family",
    "kind",
    "parent",
    "trained_version",
    "data_cutoff",
    "plant_profile",
    "seed",
    "rows",
    "library_versions",
)
_NOT_MADE_WITH: Final = frozenset({"promise", "gate", "judged_items", "left_out", "selection_losses"})
"""Keys of a record's extra that are results."""


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is known of one version's quality."""

    metrics: dict[str, float | None]
    intervals: dict[str, tuple[float, float]]
    segments: dict[tuple[str, str], SegmentFigures]


def compare_versions(left: ModelDetails, right: ModelDetails) -> ModelComparison:
    """Return the comparison; the gate of one that was judged against the other says how both do on the same work."""
    if right.gate and right.gate.champion_version == left.version:
        sides, together = (_champion(right.gate), _challenger(right.gate)), True
    elif left.gate and left.gate.champion_version == right.version:
        sides, together = (_challenger(left.gate), _champion(left.gate)), True
    else:
        sides, together = (_own(left), _own(right)), False
    return ModelComparison(
        left=left,
        right=right,
        measured_on="same_work" if together else "different_work",
        metrics=tuple(_metrics(*sides)),
        segments=tuple(_segments(*sides)),
        differences=tuple(differences(_made_with(left), _made_with(right))),
    )


def differences(left: dict[str, Any], right: dict[str, Any], prefix: str = "") -> Iterator[Difference]:
    """Return what differs, with dotted names; what only one side has is null on the other.

    >>> [(one.name, one.left, one.right) for one in differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}})]
    [('a.c', 2, None)]
    """
    for name in dict.fromkeys([*left, *right]):
        before, after = left.get(name), right.get(name)
        if isinstance(before, dict) or isinstance(after, dict):
            yield from differences(_mapping(before), _mapping(after), f"{prefix}{name}.")
        elif before != after:
            yield Difference(name=prefix + name, left=before, right=after)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _made_with(version: ModelDetails) -> dict[str, Any]:
    record = version.model_dump(mode="json", include=set(_MADE_WITH))
    extra = {name: value for name, value in version.extra.items() if name not in _NOT_MADE_WITH}
    return {name: record[name] for name in _MADE_WITH} | extra


def _own(version: ModelDetails) -> _Figures:
    """Return what a version promises; a refresh promises what its training did, whatever its own check measured."""
    judged = _challenger(version.gate) if version.gate else _Figures({}, {}, {})
    return replace(judged, metrics=version.metrics)


def _challenger(gate: GateView) -> _Figures:
    return _Figures(gate.metrics, gate.intervals, {(one.dimension, one.value): one.challenger for one in gate.segments})


def _champion(gate: GateView) -> _Figures:
    segments = {(one.dimension, one.value): one.champion for one in gate.segments if one.champion}
    return _Figures(gate.champion_metrics, gate.champion_intervals, segments)


def _metrics(left: _Figures, right: _Figures) -> Iterator[ComparedMetric]:
    for name in dict.fromkeys([*left.metrics, *right.metrics]):
        yield ComparedMetric(
            metric=name,
            left=left.metrics.get(name),
            right=right.metrics.get(name),
            left_interval=left.intervals.get(name),
            right_interval=right.intervals.get(name),
        )


def _segments(left: _Figures, right: _Figures) -> Iterator[ComparedSegment]:
    for dimension, value in dict.fromkeys([*right.segments, *left.segments]):
        key = dimension, value
        yield ComparedSegment(
            dimension=dimension, value=value, left=left.segments.get(key), right=right.segments.get(key)
        )
