"""What the oracle takes from a plant's past: a memory per family, and the rows of the items it will be asked for."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from backend.erp.demo.block_truth import BlockTruth, Plant
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.generating import block_truth, first_span, make_plant
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.routings import RowTraits
from backend.erp.demo.truth import TruthState
from backend.erp.demo.work_orders import Span, WorkOrders, draw_order_counts, draw_work_orders
from benchmarks.oracle import habits, machines, minutes, outsourcing
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray, sum_by
from benchmarks.oracle.evidence import UNKNOWN, Evidence, explained_medians, gather, joined
from benchmarks.oracle.places import Sides


@dataclass(frozen=True, slots=True)
class FamilyMemory:
    """What the rows of its items tell about each family, as log likelihoods or precisions that add up."""

    habits: FloatArray
    """(family, habit)."""
    outsourcing: FloatArray
    """(family, trade, stretch of inclination)."""
    machines: FloatArray
    """(family, group, preference)."""
    precision: FloatArray
    """(family, 2, 2): about the set-up and run effect."""
    information: FloatArray

    @classmethod
    def blank(cls, plant: Plant) -> "FamilyMemory":
        """Return a memory without any evidence."""
        parameters, families = plant.parameters, plant.families.count
        return cls(
            np.zeros_like(plant.families.habits, dtype=float),
            np.zeros((families, int(parameters.group_outsourced.sum()), len(outsourcing.MIDDLES))),
            np.zeros((families, len(parameters.group_size), len(machines.PREFERENCE))),
            np.zeros((families, 2, 2)),
            np.zeros((families, 2)),
        )

    def add(self, truth: BlockTruth, seen: BoolArray, rows: IntArray, evidence: Evidence) -> None:
        """Take in the evidence of some routed rows of a block."""
        plant, traits, routed = truth.plant, truth.traits, truth.routed
        item, operation = routed.item[rows], routed.operation[rows]
        told = RowTraits(plant.parameters, plant.families, traits, item, operation)
        family, count = traits.family[item], plant.families.count
        self.habits[:] += habits.family_log_odds(traits, seen, count)
        wishes = outsourcing.Wishes.of(told)
        self.outsourcing[:] += outsourcing.family_log_likelihood(
            wishes, evidence, family, count, self.outsourcing.shape[1]
        )
        sides = Sides.of(told)
        for side in (0, 1):
            usable = np.flatnonzero(sides.exists[:, side])
            likelihood = sides.log_likelihood(evidence, side)[usable]
            self.machines[:] += machines.family_log_likelihood(
                likelihood, sides.group[usable, side], family[usable], count, self.machines.shape[1]
            )
        news = minutes.item_news(minutes.row_news(plant.parameters, operation, evidence), item, truth.routed.stale)
        precision, information = news.about_family()
        self.precision[:] += sum_by(traits.family, precision, count)
        self.information[:] += sum_by(traits.family, information, count)


@dataclass(frozen=True, slots=True)
class AskedItems:
    """Items that will be asked for, in order of their number, with their true routed rows."""

    number: IntArray
    traits: ItemTraits
    seen: BoolArray
    """Whether the model may have seen how the item is made."""
    stale: BoolArray
    first_span_orders: IntArray
    item: IntArray
    """Per routed row from here on: position among the asked items."""
    operation: IntArray
    outside: BoolArray
    """(row, before or after the change of policy)."""
    machine: IntArray
    effect: FloatArray
    """(row, 2): true set-up and run effect on log minutes."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Memory:
    """All that the oracle keeps of a plant."""

    plant: Plant
    families: FamilyMemory
    asked: AskedItems


def remember(state: TruthState, hidden: Collection[str], cutoff: datetime, asked: Collection[int]) -> Memory:
    """Go through a plant's past; `cutoff` is in the plant's own time, `asked` holds item numbers.

    Of items whose codes are hidden nothing is learnt, as if they had never been made.
    """
    plant, spans = _history(state)
    memory = FamilyMemory.blank(plant)
    concealed = pl.Series(sorted(hidden), dtype=pl.String)
    wanted = np.array(sorted(asked))
    parts = []
    for block in plant.blocks:
        truth = block_truth(plant, block)
        visible = ~truth.codes.is_in(concealed.implode()).to_numpy()
        evidence = gather(truth, *_lots(truth, spans), minute_of(cutoff))
        finished = evidence.places.sum(axis=(1, 2)) > 0
        made = np.bincount(truth.routed.item[finished], minlength=block.count) > 0
        seen = visible & (truth.traits.has_routing | made)
        rows = np.flatnonzero(visible[truth.routed.item])
        memory.add(truth, seen, rows, evidence.take(rows))
        here = wanted[(wanted >= block.first_item) & (wanted < block.first_item + block.count)]
        if len(here):
            parts.append(_asked(truth, here, seen, visible, evidence))
    return Memory(plant, memory, _joined(parts))


def _history(state: TruthState) -> tuple[Plant, tuple[Span, ...]]:
    plant = make_plant(state.options, [advance.expansion for advance in state.advances])
    spans = [first_span(state.options)]
    for epoch, advance in enumerate(state.advances, start=1):
        spans.append(Span(spans[-1].end, minute_of(advance.until + timedelta(days=1)), epoch))
    return plant, tuple(spans)


def _lots(truth: BlockTruth, spans: tuple[Span, ...]) -> tuple[list[WorkOrders], list[IntArray]]:
    nothing = np.zeros(truth.block.count, dtype=np.int64)
    earlier = draw_order_counts(truth, spans[0])
    before = [nothing if span.epoch == 0 else earlier for span in spans]
    return [draw_work_orders(truth, span, counts) for span, counts in zip(spans, before, strict=True)], before


def _asked(truth: BlockTruth, numbers: IntArray, seen: BoolArray, visible: BoolArray, evidence: Evidence) -> AskedItems:
    routed, traits = truth.routed, truth.traits
    items = numbers - truth.block.first_item
    position = np.full(truth.block.count, UNKNOWN)
    position[items] = np.arange(len(items))
    rows = np.flatnonzero(position[routed.item] >= 0)
    known_setup, known_run = explained_medians(truth.plant.parameters, traits, routed.item, routed.operation)
    effect = np.column_stack([routed.log_setup - known_setup, routed.log_run - known_run])
    return AskedItems(
        number=numbers,
        traits=take_items(traits, items),
        seen=seen[items],
        stale=routed.stale[items],
        first_span_orders=draw_order_counts(truth, first_span(truth.plant.options))[items],
        item=position[routed.item[rows]],
        operation=routed.operation[rows],
        outside=np.column_stack([routed.outsourced_before, routed.outsourced_after])[rows],
        machine=np.column_stack([routed.machine_before, routed.machine_after])[rows],
        effect=effect[rows],
        evidence=evidence.take(np.where(visible[routed.item[rows]], rows, UNKNOWN)),
    )


def take_items(traits: ItemTraits, items: IntArray) -> ItemTraits:
    """Return some of the items."""
    return ItemTraits(**{field.name: getattr(traits, field.name)[items] for field in fields(ItemTraits)})


def _joined(parts: list[AskedItems]) -> AskedItems:
    starts = np.cumsum([0, *(len(part.number) for part in parts)])
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(AskedItems)
        if field.name not in {"traits", "item", "evidence"}
    }
    traits = {f.name: np.concatenate([getattr(part.traits, f.name) for part in parts]) for f in fields(ItemTraits)}
    item = np.concatenate([part.item + start for part, start in zip(parts, starts[:-1], strict=True)])
    evidence = joined([part.evidence for part in parts])
    return AskedItems(**columns, traits=ItemTraits(**traits), item=item, evidence=evidence)
