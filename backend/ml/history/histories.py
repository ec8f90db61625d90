"""What each item was really made by, newest weighing most, and its valid routing in the ERP."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.ml.common.arrays import Floats, Ints, Ragged, smallest_ints
from backend.ml.common.string_table import StringTable
from backend.ml.history.habits import fit_ageing, fit_half_life
from backend.ml.history.routing_book import RoutingBook
from backend.ml.history.usual_variants import standard_weight, usual_variants

MAX_VARIANTS_PER_ITEM: Final = 4
_STEP = ["operation_code", "work_centre", "in_house"]
HISTORY_COLUMNS: Final = ("work_order_code", "item_code", "sequence", *_STEP, "finished_at")
"""What histories need of a work-order row."""
STEP_USE_COLUMNS: Final = (*_STEP, "finished_at")


@dataclass(frozen=True, slots=True)
class StepUse:
    """How each step was used up to the cutoff, by the operations themselves, be their lots through or not.

    Lots that are open for months would tell of a work centre's opening and closing only months later.
    """

    count: Ints
    newest: Floats
    """Age of the newest use in days; infinite where there is none."""
    oldest: Floats
    recent: Floats
    """Uses, newer ones weighing more."""
    shunned: Ints
    """Lots that did its operation elsewhere though their item's ERP routing, valid by then, named the step."""

    @classmethod
    def of(cls, step: Ints, age_days: Floats, half_life_days: float, steps: int) -> "StepUse":
        """Count uses: a step and an age for each."""
        newest, oldest = np.full(steps, np.inf), np.zeros(steps)
        np.minimum.at(newest, step, age_days)
        np.maximum.at(oldest, step, age_days)
        recent = np.bincount(step, weights=0.5 ** (age_days / half_life_days), minlength=steps)
        return cls(np.bincount(step, minlength=steps), newest, oldest, recent, np.zeros(steps, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Orders:
    """One entry per finished work order, oldest first: item row, variant, age in days at the cutoff."""

    item: Ints
    variant: Ints
    age_days: Floats
    half_life_days: float
    """How fast an order loses its say about the item's next one (see habits)."""
    ageing: Floats
    """Per operation how much faster than that its orders do, in half-lives a day."""
    use: StepUse


@dataclass(frozen=True, slots=True)
class ItemHistories:
    """Per item row: variants run (heaviest first) with weights, order count, valid ERP variant (-1: none)."""

    variants: Ragged
    weights: Floats
    newest_days: Floats
    """Per variant the age of its newest order; 0 in bundles of releases that did not keep it."""
    order_counts: Ints
    standard: Ints
    usual: Ints
    """The variant that stands for the item, by its lots and the ERP (see usual_variants); -1 none."""
    label: Ints
    """The number of that variant's sequence."""
    last_orders: StringTable
    """Two cells per item: its newest work-order codes, "" where there are fewer."""

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays and bytes."""
        return {
            "variants": Ragged(self.variants.offsets, smallest_ints(self.variants.values)).to_parts(),
            "weights": self.weights.astype(np.float16),
            "newest_days": self.newest_days.astype(np.float16),
            "order_counts": np.minimum(self.order_counts, np.iinfo(np.uint16).max).astype(np.uint16),
            "standard": smallest_ints(self.standard),
            "usual": smallest_ints(self.usual),
            "last_orders": self.last_orders.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], book: RoutingBook) -> "ItemHistories":
        """Read what to_parts wrote; `book` is the one whose variants and sequences are numbered."""
        return cls(
            Ragged.from_parts(parts["variants"]),
            parts["weights"],
            parts.get("newest_days", np.zeros(len(parts["weights"]), np.float16)),
            parts["order_counts"],
            parts["standard"],
            parts["usual"],
            smallest_ints(_labels(book, parts["usual"])),
            StringTable.from_parts(parts["last_orders"]),
        )


def read_histories(
    plant: PlantData, work_orders: pl.DataFrame, operations: pl.DataFrame, as_of: datetime
) -> tuple[RoutingBook, ItemHistories, Orders]:
    """Give numbers to a plant's routings and collect, per row of plant.items, which of them were used.

    `work_orders` are the rows of whole lots, `operations` all that are finished.
    """
    rows = plant.items.select("item_code").with_row_index("item")
    orders = _order_steps(work_orders, rows)
    standards = _standard_steps(plant.routings, rows, as_of)
    found = pl.concat([orders.select(_STEP), standards.select(_STEP)])
    done = _clean(operations).join(found.select("operation_code").unique(), on="operation_code", how="semi")
    steps = pl.concat([found, done.select(_STEP)]).unique().sort(_STEP).with_row_index("step")
    order_keys = _variant_keys(orders, steps)
    standard_keys = _variant_keys(standards, steps)
    keys = pl.concat([order_keys["key"], standard_keys["key"]]).unique().sort()
    book = _build_book(steps, keys, plant.routings)
    numbers = pl.DataFrame({"key": keys, "variant": np.arange(len(keys), dtype=np.int32)})
    run = order_keys.join(numbers, on="key", maintain_order="left").sort("finished_at", "group", nulls_last=False)
    standard = standard_keys.join(numbers, on="key", maintain_order="left")
    finished = _orders(book, run, done.join(steps, on=_STEP), as_of)
    finished = replace(finished, use=replace(finished.use, shunned=_shunned(book, run, standard, as_of)))
    return book, _collect(book, run, standard, len(rows), finished), finished


def _order_steps(work_orders: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return (
        _clean(work_orders.join(rows, on="item_code"))
        .with_columns(group=pl.struct("work_order_code", "item").rank("dense"))
        .sort("group", "sequence", maintain_order=True)
        .select("group", "item", "work_order_code", "finished_at", *_STEP)
    )


def valid_routings(routings: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return the rows of each item's currently valid routing: the latest valid one, then the first code."""
    valid = routings.filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= as_of))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of))
    )
    chosen = (
        valid.sort("valid_from", "routing_code", descending=[True, False], nulls_last=True, maintain_order=True)
        .group_by("item_code", maintain_order=True)
        .agg(pl.col("routing_code").first(), pl.col("valid_from").first())
    )
    return valid.join(chosen, on=["item_code", "routing_code", "valid_from"], nulls_equal=True)


def _standard_steps(routings: pl.DataFrame, rows: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    kept = valid_routings(routings, as_of)
    return (
        _clean(kept.join(rows, on="item_code"))
        .with_columns(
            group=pl.col("item").cast(pl.UInt32),
            work_order_code=pl.lit(""),
            finished_at=pl.col("valid_from"),  # not finished then, but lots before it say nothing of it
        )
        .sort("group", "sequence", maintain_order=True)
        .select("group", "item", "work_order_code", "finished_at", *_STEP)
    )


def _clean(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("operation_code").is_not_null()).with_columns(
        pl.col("work_centre").fill_null(""), pl.col("in_house").fill_null(value=True)
    )


def _variant_keys(frame: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    numbered = frame.join(steps, on=_STEP, maintain_order="left")
    return numbered.group_by("group", maintain_order=True).agg(
        pl.col("item").first(),
        pl.col("work_order_code").first(),
        pl.col("finished_at").max(),
        pl.col("step").cast(pl.String).str.join(" ").alias("key"),
    )


def _build_book(steps: pl.DataFrame, keys: pl.Series, routings: pl.DataFrame) -> RoutingBook:
    operations = steps["operation_code"].unique().sort()
    centres = steps["work_centre"].unique().sort()
    step_operation = operations.search_sorted(steps["operation_code"]).to_numpy().astype(np.int32)
    rows = [list(map(int, key.split())) for key in keys.to_list()]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    variants = Ragged.from_rows(
        np.repeat(np.arange(len(rows)), lengths), np.array([i for row in rows for i in row], dtype=np.int32), len(rows)
    )
    sequence, sequences = _number_sequences(step_operation, variants)
    return RoutingBook(
        StringTable.of(operations),
        StringTable.of(_names(operations, routings)),
        StringTable.of(centres),
        step_operation,
        centres.search_sorted(steps["work_centre"]).to_numpy().astype(np.int32),
        steps["in_house"].to_numpy(),
        variants,
        sequence,
        sequences,
    )


def _number_sequences(step_operation: Ints, variants: Ragged) -> tuple[Ints, Ragged]:
    """Return each variant's sequence of operations by number, and the operations of each number."""
    numbers: dict[bytes, int] = {}
    operations = step_operation[variants.values]
    sequence = [
        numbers.setdefault(operations[a:b].tobytes(), len(numbers))
        for a, b in zip(variants.offsets[:-1].tolist(), variants.offsets[1:].tolist(), strict=True)
    ]
    distinct = [np.frombuffer(each, dtype=np.int32) for each in numbers]
    sequences = Ragged.from_rows(
        np.repeat(np.arange(len(distinct)), [len(each) for each in distinct]),
        np.concatenate(distinct) if distinct else np.zeros(0, np.int32),
        len(distinct),
    )
    return np.array(sequence, dtype=np.int32), sequences


def _names(operations: pl.Series, routings: pl.DataFrame) -> list[str]:
    """Return each operation's most frequent name in the routings, else its code."""
    named = (
        routings.filter(pl.col("operation_name").is_not_null())
        .group_by("operation_code", "operation_name")
        .len()
        .sort("len", "operation_name")
    )
    names = dict(named.select("operation_code", "operation_name").iter_rows())
    return [names.get(code, code) for code in operations]


def _collect(book: RoutingBook, run: pl.DataFrame, standard: pl.DataFrame, items: int, orders: Orders) -> ItemHistories:
    weighted = (
        run.with_columns(
            weight=pl.Series(0.5 ** (orders.age_days / orders.half_life_days)), age=pl.Series(orders.age_days)
        )
        .group_by("item", "variant")
        .agg(pl.col("weight").sum(), pl.col("age").min())
        .sort("item", "weight", "variant", descending=[False, True, False])
        .group_by("item", maintain_order=True)
        .head(MAX_VARIANTS_PER_ITEM)
    )
    variants = Ragged.from_rows(weighted["item"].to_numpy(), weighted["variant"].to_numpy(), items)
    weights = weighted["weight"].to_numpy()
    standards = np.full(items, -1, dtype=np.int32)
    standards[standard["item"].to_numpy()] = standard["variant"].to_numpy()
    trust = standard_weight(run["item"].to_numpy(), run["variant"].to_numpy(), standards)
    usual = usual_variants(book, variants, weights, standards, trust)
    return ItemHistories(
        variants,
        weights,
        weighted["age"].to_numpy(),
        np.bincount(run["item"].to_numpy(), minlength=items),
        standards,
        usual,
        _labels(book, usual).astype(np.int32),
        _last_orders(run, items),
    )


def _labels(book: RoutingBook, usual: Ints) -> Ints:
    """Return the number of each usual variant's sequence, -1 where there is none."""
    return np.where(usual >= 0, book.variant_sequence[usual], -1) if len(book.variant_sequence) else usual


def _age(as_of: datetime) -> pl.Expr:
    return ((pl.lit(as_of) - pl.col("finished_at")).dt.total_seconds() / 86_400).clip(lower_bound=0)


def _last_orders(run: pl.DataFrame, items: int) -> StringTable:
    newest = run.reverse().group_by("item", maintain_order=True).agg(pl.col("work_order_code").head(2))
    cells = [""] * (2 * items)
    for item, codes in newest.iter_rows():
        cells[2 * item : 2 * item + len(codes)] = codes
    return StringTable.of(cells)


def _orders(book: RoutingBook, run: pl.DataFrame, done: pl.DataFrame, as_of: datetime) -> Orders:
    columns = run.select("item", "variant", age=_age(as_of).fill_null(0.0))
    item, variant, age = (columns[name].to_numpy() for name in ("item", "variant", "age"))
    half_life = fit_half_life(item, book.variant_sequence[variant], age)
    uses = done.select("step", age=_age(as_of).fill_null(0.0))
    use = StepUse.of(uses["step"].to_numpy(), uses["age"].to_numpy(), half_life, len(book.step_operation))
    ageing = fit_ageing(variant, item, book.variants, book.step_operation, (age, half_life))
    return Orders(item, variant, age, half_life, ageing, use)


def _shunned(book: RoutingBook, run: pl.DataFrame, standard: pl.DataFrame, as_of: datetime) -> Ints:
    """Return StepUse.shunned."""
    ruling = standard.select("item", ruling="variant", valid_days=_age(as_of).fill_null(np.inf))
    lots = run.select("item", "variant", age_days=_age(as_of)).join(ruling, on="item")
    pairs = lots.filter(pl.col("age_days") < pl.col("valid_days")).group_by("variant", "ruling").len()
    done, named = (book.variants.take(pairs[name].to_numpy()) for name in ("variant", "ruling"))
    operations, steps = len(book.operations), len(book.step_operation)
    in_done, in_named = done.row_of_values(), named.row_of_values()
    operation_done = in_done * operations + book.step_operation[done.values]
    is_done = np.isin(in_named * operations + book.step_operation[named.values], operation_done)
    elsewhere = is_done & ~np.isin(in_named * steps + named.values, in_done * steps + done.values)
    weights = pairs["len"].to_numpy()[in_named[elsewhere]]
    return np.bincount(named.values[elsewhere], weights=weights, minlength=steps).astype(np.int64)
