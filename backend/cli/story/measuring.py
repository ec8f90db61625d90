"""Measures a day's work: the live system, the frozen model and the best possible predictor on the same operations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import polars as pl

from backend.cli.story.installation import StoryFolder
from backend.domain.plant import PlantData
from backend.erp.demo.foreknowledge import foretell
from backend.erp.reading import PlantReader
from backend.errors import NoModelError
from backend.iter_training.evaluation.champion import load_champion
from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.judging import HISTORY, STRATUM, PredictsRoutings, judge
from backend.iter_training.evaluation.maturity import LOT
from backend.ml.history.bookings import booked_at_plan
from backend.ml.model import RoutingModel
from backend.registry.bundle import read_bundle
from backend.registry.store import ModelStore

CODES_PER_LOOKUP: Final = 2_000


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Sums of absolute errors in minutes over one day's operations, the same ones for all three."""

    day: int
    generation: int
    """Of the live system's models: rises with every change of version."""
    operations: int
    not_foreseen: int
    """Operations that one of the models did not expect, or whose time was not measured; left out of the sums."""
    live: float
    frozen: float
    floor: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


class Measuring:
    """Has both models foresee a day's finished operations as they were in the morning of that day."""

    def __init__(self, folder: StoryFolder) -> None:
        self._folder = folder
        self._reader = PlantReader(folder.settings)
        self._live: PredictsRoutings | None = None
        self._generation = 0

    def measure(self, day: int) -> DayFigures:
        """Return the day's figures; the active version must not have been refreshed over that day yet."""
        since = self._folder.day_began(day)
        rows = self._finished(since)
        foreseen = [self._foreseen(model, rows, since) for model in (self._active(), self._frozen)]
        both = foreseen[0].join(foreseen[1].select("row", frozen="predicted_minutes"), on="row")
        told = both.join(rows.select(pl.col("row").cast(pl.Int64), "sequence"), on="row").join(
            self._best, on=("work_order_code", "sequence")
        )
        error = {
            name: float((told[column] - told["actual_minutes"]).abs().sum())
            for name, column in (("live", "predicted_minutes"), ("frozen", "frozen"), ("floor", "best_minutes"))
        }
        return DayFigures(day, self._generation, told.height, rows.height - told.height, **error)

    def _active(self) -> PredictsRoutings:
        generation = ModelStore(self._folder.settings).manifest().generation
        if self._live is None or self._generation != generation:
            champion = load_champion(self._folder.settings)
            if champion is None:
                raise NoModelError
            self._live, self._generation = champion.model, generation
        return self._live

    @cached_property
    def _frozen(self) -> RoutingModel:
        return RoutingModel.from_parts(read_bundle(self._folder.frozen)[0], "frozen")

    @cached_property
    def _best(self) -> pl.DataFrame:
        return foretell(self._folder.future).with_columns(pl.col("sequence").cast(pl.Int64))

    def _finished(self, since: datetime) -> pl.DataFrame:
        """Return what was finished since a moment and really measured."""
        found = self._reader.read_work_orders_since(since).work_orders
        finished = found.filter(pl.col("finished_at").is_not_null())
        marked = finished.with_columns(booked_at_plan=booked_at_plan(), sequence=pl.col("sequence").cast(pl.Int64))
        return marked.sort(*LOT, "sequence", "operation_code").with_row_index("row")

    def _foreseen(self, model: PredictsRoutings, rows: pl.DataFrame, since: datetime) -> pl.DataFrame:
        codes = rows["item_code"].unique().sort().to_list()
        unknown = [code for code in codes if not model.knows(code)]
        items = _read_items(self._reader, unknown)
        nothing = pl.lit(None, dtype=pl.String)
        labels = pl.DataFrame({"item_code": codes}, schema={"item_code": pl.String}).with_columns(
            nothing.alias(STRATUM), nothing.alias(HISTORY)
        )
        work = JudgeableWork(rows, since, since + timedelta(days=1), None, {})
        return judge(model, work, PlantData(items, pl.DataFrame(), rows, ()), labels).operations


def _read_items(reader: PlantReader, codes: Sequence[str]) -> pl.DataFrame:
    frames = [
        reader.read_items(codes[i : i + CODES_PER_LOOKUP]) for i in range(0, max(len(codes), 1), CODES_PER_LOOKUP)
    ]
    return pl.concat(frames)
