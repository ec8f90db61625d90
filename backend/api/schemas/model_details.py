"""What is told of one model version, and of two side by side."""

from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer, UtcTime
from backend.domain.models import VersionKind

_SEGMENT: Final[dict[str, Any]] = {
    "dimension": "work_centre",
    "value": "CNC-04",
    "challenger": {"mae": 3.9, "wape": 0.11, "process_match": None, "work_centre_match": 0.9, "operation_count": 212},
    "champion": {"mae": 4.4, "wape": 0.13, "process_match": None, "work_centre_match": 0.88, "operation_count": 212},
}
_GATE: Final[dict[str, Any]] = {
    "job_id": "job_20251022T140000_1a2b3c4d",
    "decided_at": "2025-10-22T14:41:07Z",
    "promoted": True,
    "reason": "promoted: better times: times +4.1 % (p = 2e-07)",
    "champion_version": "version_20251020T020000Z_g000016",
    "compared_operations": 3120,
    "checks": [{"name": "improvement", "passed": True, "detail": "better times: times +4.1 % (p = 2e-07)"}],
    "metrics": {"mae": 4.2, "process_match": 0.91},
    "champion_metrics": {"mae": 4.4, "process_match": 0.9},
    "intervals": {"mae": [3.9, 4.5]},
    "champion_intervals": {"mae": [4.1, 4.7]},
    "segments": [_SEGMENT],
    "segments_left_out": 0,
    "data_seen": {"judged_after": "2025-09-24T00:00:00Z", "judged_until": "2025-10-22T00:00:00Z"},
}
_DETAILS: Final[dict[str, Any]] = {
    "version": "version_20251022T140000Z_g000017",
    "active": True,
    "bundle_hash": "9f2c" * 16,
    "files": {"model.pkl": {"sha256": "ab12" * 16, "bytes": 18_400_112}},
    "created_at": "2025-10-22T14:00:00Z",
    "data_cutoff": "2025-09-24T00:00:00Z",
    "family": "boosted_trees",
    "kind": "training",
    "parent": None,
    "trained_version": None,
    "replaced": "version_20251020T020000Z_g000016",
    "job_id": "job_20251022T140000_1a2b3c4d",
    "plant_profile": "ksm",
    "seed": 0,
    "rows": {"items": 2000, "routings": 1900, "work_orders": 61_022},
    "metrics": {"mae": 4.2, "process_match": 0.91},
    "library_versions": {"polars": "2.1.0"},
    "extra": {"code": "1.0.0 (0a1b2c3d4e5f)", "learnt_until": "2025-09-24T00:00:00Z"},
    "gate": _GATE,
}


class ModelFile(Answer):
    """One file of a version."""

    sha256: str
    bytes: int


class GateCheckView(Answer):
    """One condition of the gate with what was seen and what was asked."""

    name: str
    passed: bool
    detail: str


class SegmentFigures(Answer):
    """How one model does in one part of the plant; null where nothing was there to compute it from."""

    mae: float | None
    wape: float | None
    process_match: float | None
    work_centre_match: float | None
    operation_count: int


class GateSegment(Answer):
    """One part of the plant as the gate saw it."""

    dimension: str
    value: str
    challenger: SegmentFigures
    champion: SegmentFigures | None = Field(description="null where it foresaw too few operations there, or none is")


class GateView(Answer):
    """What the gate decided on a version and what it saw: both models on the same unseen work orders."""

    job_id: str
    decided_at: str
    promoted: bool
    reason: str
    champion_version: str | None
    compared_operations: int
    checks: tuple[GateCheckView, ...]
    metrics: dict[str, float | None] = Field(description="of this version")
    champion_metrics: dict[str, float | None]
    intervals: dict[str, tuple[float, float]] = Field(
        description="95 %; empty for refreshes and in decisions of earlier releases"
    )
    champion_intervals: dict[str, tuple[float, float]]
    segments: tuple[GateSegment, ...] = Field(description="most operations first; empty where intervals are")
    segments_left_out: int
    data_seen: dict[str, Any]

    @classmethod
    def of(cls, job_id: str, decision: dict[str, Any]) -> Self:
        """Show a decision as it was stored."""
        figures = {"intervals": {}, "champion_intervals": {}, "segments": (), "segments_left_out": 0}
        return cls.model_validate(
            {"data_seen": {}} | figures | decision.get("figures", {}) | decision | {"job_id": job_id}
        )


class ModelDetails(Answer):
    """Where a version comes from, its files, and what the gate saw of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DETAILS]})

    version: str
    active: bool
    bundle_hash: str = Field(description="the same data and seed give it again")
    files: dict[str, ModelFile]
    created_at: UtcTime
    data_cutoff: UtcTime | None
    family: str
    kind: VersionKind
    parent: str | None
    trained_version: str | None
    replaced: str | None = Field(description="the champion that a training was judged against")
    job_id: str | None
    plant_profile: str
    seed: int
    rows: dict[str, int]
    metrics: dict[str, float | None] = Field(description="the level promised at the gate")
    library_versions: dict[str, str]
    extra: dict[str, Any] = Field(description="code, config, fingerprints of what was read, promise …")
    gate: GateView | None = Field(description="null where the state database has no decision of its job")


class ComparedMetric(Answer):
    """One metric of two versions."""

    metric: str
    left: float | None
    right: float | None
    left_interval: tuple[float, float] | None
    right_interval: tuple[float, float] | None


class ComparedSegment(Answer):
    """One part of the plant under two versions."""

    dimension: str
    value: str
    left: SegmentFigures | None
    right: SegmentFigures | None


class Difference(Answer):
    """Something that two versions were made with and that differs; null where one has no such thing."""

    name: str = Field(description="dotted: config.gate.significance, rows.work_orders, family …")
    left: Any
    right: Any


class ModelComparison(Answer):
    """Two versions side by side."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "left": _DETAILS | {"version": "version_20251020T020000Z_g000016", "active": False, "gate": None},
                    "right": _DETAILS,
                    "measured_on": "same_work",
                    "metrics": [
                        {
                            "metric": "mae",
                            "left": 4.4,
                            "right": 4.2,
                            "left_interval": [4.1, 4.7],
                            "right_interval": [3.9, 4.5],
                        }
                    ],
                    "segments": [
                        {
                            "dimension": "work_centre",
                            "value": "CNC-04",
                            "left": _SEGMENT["champion"],
                            "right": _SEGMENT["challenger"],
                        }
                    ],
                    "differences": [{"name": "rows.work_orders", "left": 60_871, "right": 61_022}],
                }
            ]
        }
    )

    left: ModelDetails
    right: ModelDetails
    measured_on: Literal["same_work", "different_work"] = Field(
        description="`same_work`: one was judged against the other at its gate, and these are both's figures there; "
        "`different_work`: each has the figures of its own gate, on work orders of another time, which say little"
    )
    metrics: tuple[ComparedMetric, ...]
    segments: tuple[ComparedSegment, ...]
    differences: tuple[Difference, ...]
