"""Puts a model's predictions beside what the shop did on chosen work orders, for gate and cycles alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.progress import ProgressReport, no_progress
from backend.iter_training.evaluation.holdout import JudgeableWork, repeat_rows
from backend.iter_training.evaluation.item_choice import stratum_attribute
from backend.ml.judging.comparison import ActualLot, Comparison, compare
from backend.ml.judging.limits import SequenceCeiling
from backend.ml.judging.segments import label_items

QUERIES_PER_CALL: Final = 256
STRATUM: Final = "stratum"
HISTORY: Final = "history"
DIMENSIONS: Final = (STRATUM, HISTORY, "operation_code", "work_centre")
"""Columns of a labelled comparison that segments are made of."""


class PredictsRoutings(Protocol):
    """What judging needs of a model."""

    def knows(self, code: str) -> bool:
        """Tell whether the model can predict an item by its code alone."""

    def predict(
        self, queries: Sequence[PredictionQuery], *, candidates: int = 3, evidence: bool = True
    ) -> list[ItemPrediction]:
        """Predict each query, in order."""

    def twin_ceiling(self) -> SequenceCeiling | None:
        """Estimate how well routings of items never made can be known at all."""


@dataclass(frozen=True, slots=True)
class JudgedLots:
    """Lots, the prediction of each in the same order, and the labelled comparison of both."""

    lots: list[ActualLot]
    predictions: list[ItemPrediction]
    comparison: Comparison


def judge(
    model: PredictsRoutings,
    work: JudgeableWork,
    plant: PlantData,
    labels: pl.DataFrame,
    report: ProgressReport = no_progress,
) -> Comparison:
    """Predict every lot of the work for its own quantity and compare; the tables carry the labels."""
    return judge_lots(model, work, plant, labels, report).comparison


def judge_lots(
    model: PredictsRoutings,
    work: JudgeableWork,
    plant: PlantData,
    labels: pl.DataFrame,
    report: ProgressReport = no_progress,
) -> JudgedLots:
    """Do the same, and return lots and predictions too, which are large for a whole plant."""
    lots = work.lots()
    attributes = _attributes_of_unknown(model, lots, plant.items)
    asked = list(dict.fromkeys((lot.item_code, lot.quantity) for lot in lots))  # equal lots have one answer
    queries = [PredictionQuery(code, attributes.get(code), quantity) for code, quantity in asked]
    predictions: list[ItemPrediction] = []
    for start in range(0, len(queries), QUERIES_PER_CALL):
        report(start / len(queries), f"predicting {len(lots):,} work orders")
        chunk = queries[start : start + QUERIES_PER_CALL]
        predictions += model.predict(chunk, candidates=1, evidence=False)
    answers = dict(zip(asked, predictions, strict=True))
    of_lots = [answers[lot.item_code, lot.quantity] for lot in lots]
    compared = compare(lots, of_lots)
    repeats = repeat_rows(plant.work_orders, work.items()["item_code"].to_list())
    labelled = label_items(Comparison(compared.lots, compared.operations, repeats), labels)
    return JudgedLots(lots, of_lots, labelled)


def _attributes_of_unknown(
    model: PredictsRoutings, lots: Sequence[ActualLot], items: pl.DataFrame
) -> dict[str, dict[str, str | float | None]]:
    """Return the attributes of items that the bundle does not hold, as serving would read them."""
    unknown = {lot.item_code for lot in lots if not model.knows(lot.item_code)}
    rows = items.filter(pl.col("item_code").is_in(list(unknown))).drop("created_at", strict=False)
    return {row.pop("item_code"): row for row in rows.iter_rows(named=True)}


def item_labels(plant: PlantData, learnt_until: datetime | None) -> pl.DataFrame:
    """Return item_code, stratum and history: how much there was to learn from about the very item.

    known: finished work orders; standard_only: no more than a standard routing; new: neither.
    """
    attribute = stratum_attribute(plant.items, plant.attributes)
    learnt = plant.work_orders if learnt_until is None else plant.finished_until(learnt_until, "item_code")
    standards = plant.routings
    if learnt_until is not None:
        standards = standards.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") <= learnt_until))
    known = pl.col("item_code").is_in(learnt["item_code"].unique().implode())
    standard = pl.col("item_code").is_in(standards["item_code"].unique().implode())
    return plant.items.select(
        "item_code",
        (pl.col(attribute) if attribute else pl.lit(None, dtype=pl.String)).alias(STRATUM),
        pl.when(known)
        .then(pl.lit("known"))
        .when(standard)
        .then(pl.lit("standard_only"))
        .otherwise(pl.lit("new"))
        .alias(HISTORY),
    )


def median_baseline(comparison: Comparison, work: JudgeableWork, learnt: pl.LazyFrame) -> Comparison:
    """Return the same operations predicted by their operation's median set-up and run time.

    It is the simplest predictor that respects the quantity; a model that cannot beat it is of no use. `learnt` are the
    work-order rows that the medians are of, which are not copied whole: there may be millions.
    """
    rate, setup = pl.col("run_minutes") / pl.col("quantity"), pl.col("setup_minutes").fill_null(0)
    rates = learnt.filter(pl.col("quantity") > 0).select("operation_code", setup=setup, rate=rate).collect()
    medians = rates.group_by("operation_code").agg(pl.col("setup", "rate").median())
    quantities = work.rows.select(pl.col("row").cast(pl.Int64), "quantity")
    joined = comparison.operations.join(quantities, on="row").join(medians, on="operation_code", how="left")
    overall = rates.select(pl.col("setup", "rate").median()).row(0)
    minutes = pl.col("setup").fill_null(overall[0] or 0.0) + pl.col("rate").fill_null(overall[1] or 0.0) * pl.col(
        "quantity"
    )
    return Comparison(comparison.lots, joined.with_columns(predicted_minutes=minutes).drop("setup", "rate", "quantity"))
