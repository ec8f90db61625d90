"""Fitting a whole model: items, routings, times; each step tells where it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.domain.progress import ProgressReport
from backend.errors import InsufficientDataError
from backend.ml.common.arrays import Floats, Ints
from backend.ml.common.string_table import StringTable
from backend.ml.history.bookings import BookingHabits
from backend.ml.history.histories import HISTORY_COLUMNS, STEP_USE_COLUMNS, read_histories
from backend.ml.history.pair_history import PairHistory
from backend.ml.history.routing_book import RoutingBook
from backend.ml.history.visits import LOT_OF_ORDER, returning_operations, with_visits
from backend.ml.items.code_families import CodeFamilies
from backend.ml.items.encoding import ItemEncoder
from backend.ml.items.features import FeatureMap
from backend.ml.items.known_items import KnownItems
from backend.ml.routings.routing_fit import PlantItems, RoutingPart, fit_routing
from backend.ml.times.lead_times import Learnt, fit_lead_times
from backend.ml.times.target_fit import TimeSetting
from backend.ml.times.time_fit import fit_times
from backend.ml.times.time_model import MAX_REHEARSED_ITEMS, Neighbours, TimeModel, neighbour_mean
from backend.ml.times.time_rows import TIME_COLUMNS, TimeRows, read_standards, read_time_rows, typical_quantities

Family: TypeAlias = Literal["boosted_trees", "nearest_neighbour"]
FAMILIES: Final[tuple[Family, ...]] = ("boosted_trees", "nearest_neighbour")
"""Both propose routings alike; times come from boosted trees with family and own lots, or from the
lots of the nearest neighbours and own lots alone."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """What kind of model is fitted, and how."""

    family: Family = "boosted_trees"
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True, slots=True)
class ModelState:
    """All that a model consists of."""

    family: str
    data_cutoff: datetime | None
    known: KnownItems
    routing: RoutingPart
    times: TimeModel
    lead_times: Learnt
    habits: BookingHabits
    """How the plant books times: a refresh reads new rows as training read the old ones."""


@dataclass(frozen=True, slots=True)
class Groundwork:
    """What all families share: items, routings and the rows that times are learnt from."""

    items: PlantItems
    rows: TimeRows
    routing: RoutingPart
    known: KnownItems
    newest: datetime | None
    seed: int
    standards: TimeRows
    lead_times: Learnt


def lay_groundwork(plant: PlantData, cutoff: datetime | None, seed: int, report: ProgressReport) -> Groundwork:
    """Fit what all families share on what was finished at or before the cutoff."""
    report(0.0, "reading routings and work orders")
    plant = _ordered(plant)
    done = pl.col("finished_at").is_not_null() if cutoff is None else pl.col("finished_at") <= cutoff
    newest = plant.work_orders.lazy().filter(done).select(pl.col("finished_at").max()).collect().item()
    as_of = cutoff or _moment(newest) or _moment(plant.routings["valid_from"].max()) or datetime(2000, 1, 1)  # noqa: DTZ001 - naive UTC throughout
    items = _read_items(plant, done, as_of)
    rows = read_time_rows(plant, _timed(plant, done, items.book), items.book, as_of)
    report(0.25, "learning which operations items need")
    routing = fit_routing(items, seed)
    typical = typical_quantities(rows, len(items.table))
    routings = plant.routings if rows.booked else plant.routings.clear()  # rows that are standards prove none right
    standards = read_standards(replace(plant, routings=routings), items.book, as_of, rows.habits, typical)
    known = KnownItems.of(StringTable.of(plant.items["item_code"]), items.encoder, items.table, items.family, typical)
    lead_times = fit_lead_times(plant.work_orders, done, items.book)
    report(1.0, "routings learnt")
    return Groundwork(items, rows, routing, known, _moment(newest), seed, standards, lead_times)


def fit_family(ground: Groundwork, family: Family, threads: int, report: ProgressReport) -> ModelState:
    """Add the times of one family to the groundwork."""
    report(0.0, "learning how long operations take")
    times = _fit_times(ground, family, threads)
    report(1.0, "model fitted")
    return ModelState(family, ground.newest, ground.known, ground.routing, times, ground.lead_times, ground.rows.habits)


def _ordered(plant: PlantData) -> PlantData:
    codes = plant.items["item_code"]
    if not codes.null_count() and codes.is_sorted() and codes.n_unique() == len(codes):
        return plant
    items = plant.items.filter(pl.col("item_code").is_not_null())
    items = items.unique("item_code", keep="first", maintain_order=True).sort("item_code")
    return replace(plant, items=items)


def _whole_lots(work_orders: pl.DataFrame, done: pl.Expr) -> pl.DataFrame:
    """Return the rows of lots that are through: half a lot has times, but not yet a routing."""
    lot = ["work_order_code", "item_code"]
    rows = work_orders.lazy()
    begun = rows.filter(~done.fill_null(value=False)).select(lot).unique()
    through = rows.filter(done).select(HISTORY_COLUMNS).join(begun, on=lot, how="anti", maintain_order="left")
    return through.collect()


def _timed(plant: PlantData, done: pl.Expr, book: RoutingBook) -> pl.DataFrame:
    """Return finished rows, which visits they are numbered with those that are not, where operations return."""
    orders = with_visits(plant.work_orders, LOT_OF_ORDER, returning_operations(book))
    columns = TIME_COLUMNS if "visit" not in orders.columns else (*TIME_COLUMNS, "visit", "sequence")
    return orders.lazy().filter(done).select(columns).collect()


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _read_items(plant: PlantData, done: pl.Expr, as_of: datetime) -> PlantItems:
    if not len(plant.items):
        raise InsufficientDataError("items", 0, 1, "import the plant's items first")
    lots = _whole_lots(plant.work_orders, done)
    operations = plant.work_orders.lazy().filter(done).select(STEP_USE_COLUMNS).collect()
    book, histories, orders = read_histories(plant, lots, operations, as_of)
    labelled = int((histories.label >= 0).sum())
    if labelled < 2:
        raise InsufficientDataError(
            "items with a valid routing or a finished work order", labelled, 2, "load routings or work-order results"
        )
    encoder = ItemEncoder.fit(plant.items, plant.attributes)
    table = encoder.encode_frame(plant.items)
    families, family = CodeFamilies.fit(plant.items["item_code"].to_list(), histories.label)
    return PlantItems(encoder, FeatureMap.fit(encoder, table), table, families, family, book, histories, orders)


def time_setting(ground: Groundwork, *, trees: bool, threads: int) -> TimeSetting:
    """Return what both kinds of minutes are fitted with."""
    items = ground.items
    features = items.features.tree_matrix(items.encoder, items.table) if trees else np.zeros((len(items.table), 0))
    return TimeSetting(
        features.astype(np.float32),
        items.features.tree_columns(items.encoder),
        items.family,
        len(items.book.operations),
        len(items.book.centres),
        trees,
        ground.seed,
        threads,
        ground.standards,
    )


def _fit_times(ground: Groundwork, family: Family, threads: int) -> TimeModel:
    trees = family == "boosted_trees"
    setting = time_setting(ground, trees=trees, threads=threads)
    if trees:
        return fit_times(ground.rows, setting, None, np.zeros(0, np.int64))
    made = np.unique(ground.rows.item)
    draw = np.random.default_rng([ground.seed, 2])
    chosen = np.sort(draw.permutation(made)[:MAX_REHEARSED_ITEMS])
    return fit_times(ground.rows, setting, _NeighbourLots(ground.items, ground.routing, chosen).means, chosen)


class _NeighbourLots:
    """Neighbours of some items, looked up once."""

    def __init__(self, items: PlantItems, routing: RoutingPart, chosen: Ints) -> None:
        table = items.table.take(chosen)
        codes = items.encoder.code_columns(table)
        log_odds = routing.space.log_odds(codes, table)
        points = routing.space.place(codes, items.family[chosen], log_odds)
        self._pools = {
            item: routing.voters.pool(points[i], int(items.family[item]), item)
            for i, item in enumerate(chosen.tolist())
        }

    def means(self, pairs: PairHistory, item: Ints, operation: Ints, kind: int) -> Floats:
        """Return what the neighbours of each item say about each operation."""
        pools = [self._pools[each] for each in item.tolist()]
        if not pools:
            return np.zeros(0)
        questions = np.repeat(np.arange(len(pools)), [len(pool.items) for pool in pools])
        neighbours = np.concatenate([pool.items for pool in pools])
        weights = np.concatenate([pool.weights for pool in pools])
        return neighbour_mean(pairs, Neighbours(questions, neighbours, weights), operation, kind)
