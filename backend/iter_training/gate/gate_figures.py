"""What the gate saw beside its verdict: how sure each figure is, and how both models do in each part of the plant."""

from typing import Any, Final

from backend.domain.quality import QualityMetrics
from backend.iter_training.evaluation.evaluator import SEGMENT_DIMENSIONS
from backend.iter_training.gate.gate import JudgedModel
from backend.ml.judging.intervals import metric_intervals
from backend.ml.judging.segments import worst_segments

FIGURES: Final = "figures"
"""The key of a training's result that they are kept under."""
MOST_SEGMENTS: Final = 100
"""Those with the most operations; the gate's own check looks at all that are large enough."""
_OF_A_SEGMENT: Final = ("mae", "wape", "process_match", "work_centre_match", "operation_count")


def gate_figures(challenger: JudgedModel, champion: JudgedModel | None) -> dict[str, Any]:
    """Return 95 % intervals and segments of both models on the gate's lots, as JSON values."""
    rows: list[dict[str, Any]] = [
        {"dimension": one.dimension, "value": one.value, "challenger": _shown(one.metrics), "champion": None}
        for one in worst_segments(challenger.comparison, SEGMENT_DIMENSIONS)
    ]
    rows.sort(key=lambda row: -row["challenger"]["operation_count"])
    if champion is not None:
        segments = worst_segments(champion.comparison, SEGMENT_DIMENSIONS)
        beside = {(one.dimension, one.value): _shown(one.metrics) for one in segments}
        rows = [row | {"champion": beside.get((row["dimension"], row["value"]))} for row in rows]
    return {
        "intervals": _intervals(challenger),
        "champion_intervals": _intervals(champion) if champion else {},
        "segments": rows[:MOST_SEGMENTS],
        "segments_left_out": max(0, len(rows) - MOST_SEGMENTS),
    }


def _intervals(model: JudgedModel) -> dict[str, list[float]]:
    return {name: list(interval) for name, interval in metric_intervals(model.comparison).items()}


def _shown(metrics: QualityMetrics) -> dict[str, Any]:
    return {name: getattr(metrics, name) for name in _OF_A_SEGMENT}
