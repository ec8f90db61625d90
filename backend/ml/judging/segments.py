"""Finds where a model is worst: the metrics of parts of the sample."""

from collections.abc import Mapping

import polars as pl

from backend.domain.quality import Segment
from backend.ml.judging.comparison import Comparison, summarise

MIN_SEGMENT_OPERATIONS = 20
"""Below it a segment's figure is mostly chance."""


def label_items(comparison: Comparison, labels: pl.DataFrame) -> Comparison:
    """Add item-level label columns (by item_code) to all tables of a comparison."""
    return Comparison(
        comparison.lots.join(labels, on="item_code", how="left"),
        comparison.operations.join(labels, on="item_code", how="left"),
        comparison.repeats.join(labels, on="item_code", how="left"),
    )


def worst_segments(comparison: Comparison, dimensions: Mapping[str, str]) -> tuple[Segment, ...]:
    """Return the segments of every dimension (name to column), the largest WAPE first.

    Columns that the lots table lacks (operation, work centre) give segments without the
    metrics of whole routings.
    """
    found = [
        segment for dimension, column in dimensions.items() for segment in _segments(comparison, dimension, column)
    ]
    return tuple(sorted(found, key=_badness, reverse=True))


def _segments(comparison: Comparison, dimension: str, column: str) -> list[Segment]:
    counts = comparison.operations.drop_nulls(column).group_by(column).len()
    values = counts.filter(pl.col("len") >= MIN_SEGMENT_OPERATIONS)[column].sort().to_list()
    operations_only = column not in comparison.lots.columns
    return [
        Segment(
            dimension,
            str(value),
            summarise(comparison.filter(pl.col(column) == value, operations_only=operations_only)),
        )
        for value in values
    ]


def _badness(segment: Segment) -> tuple[float, int]:
    wape = segment.metrics.wape
    return (-1.0 if wape is None else wape, segment.metrics.operation_count)
