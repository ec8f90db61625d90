"""Model versions, what the registry remembers of them, and the gate's decision."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class VersionKind(StrEnum):
    """How a version came to be."""

    TRAINING = "training"
    """Fitted from the ground up."""
    REFRESH = "refresh"
    """Its parent with the fast layers brought up to newer work orders."""


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """Where a version comes from: enough to explain it and to make it again."""

    created_at: datetime
    data_cutoff: datetime | None
    family: str
    """Candidate family that won: nearest_neighbour, boosted_trees …"""
    job_id: str | None
    plant_profile: str
    seed: int
    rows: dict[str, int]
    """Rows of each canonical table that were learnt from."""
    metrics: dict[str, float | None]
    """The level promised at the gate."""
    library_versions: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)
    kind: VersionKind = VersionKind.TRAINING
    parent: str | None = None
    """The version that a refresh started from."""
    trained_version: str | None = None
    """The trained version at the end of a refresh's line of parents."""
    replaced: str | None = None
    """The champion that a training was judged against at its gate."""


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One condition of the gate with what was seen and what was asked."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class GateDecision:
    """Whether a challenger replaces the champion, and why; a value, stored and shown."""

    promote: bool
    reason: str
    checks: tuple[GateCheck, ...]
    compared_operations: int
    champion_version: str | None
    challenger_metrics: dict[str, float | None]
    champion_metrics: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class WatchVerdict:
    """What the watch saw of a promoted version, and whether the one that it replaced should serve again."""

    version: str
    replaced: str
    roll_back: bool
    reason: str
    compared_operations: int
    loss_pct: float = 0.0
    """By how much its times or sequences, whichever lost more, are worse than the replaced version's, in per cent."""
    outcome: str = ""
    """What was done about it; empty where nothing was."""


@dataclass(frozen=True, slots=True)
class BundleParts:
    """What a model consists of on disk: plain dicts of numpy arrays, strings and numbers.

    They become model.pkl, vectorizer.pkl and feature_config.json.
    """

    model: dict[str, Any]
    vectorizer: dict[str, Any]
    feature_config: dict[str, Any]
