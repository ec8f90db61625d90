"""Challengers spoilt on purpose, each trained for real and shown to the gate: which of them it would promote.

A demo plant is read as the product reads it. Two champions stand: one as fresh as the challengers (it has learnt
until the days that a training sets apart) and one that stopped learning two years earlier, which is easier to beat.
A challenger's learning data is spoilt, never what judges it; it is fitted, written and loaded again as a training does
it, and the product's gate decides with its default settings, on the lots that a training would take. "Sound" is the
same challenger unspoilt: unless it is promoted over the old champion, the table proves nothing. Broken bundles and the
slow model are the sound challenger's. The slow one answers every question ten times.

- labels shuffled: every operation's set-up and run time is that of another row; "routes shuffled": each lot's
  operations are booked on another lot's item;
- units × 60: all times; "of one work centre": those of the busiest alone;
- one part type missing: no item, routing or work order of the part type with the second most lots;
- all times the median: each operation's median set-up time and time per piece;
- does not load: the model's file cut in half, with one bit flipped, or gone.

"Without a champion" is the rule for an installation's first model, which asks for sanity only: to be no worse than the
operation's median. It has nothing to compare segments with, so it bears no limit.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from backend.domain.models import GateDecision
from backend.domain.plant import PlantData
from backend.domain.progress import no_progress
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.holdout import JudgeableWork, unseen_work
from backend.iter_training.evaluation.judging import (
    DIMENSIONS,
    PredictsRoutings,
    item_labels,
    judge,
    median_baseline,
)
from backend.iter_training.evaluation.set_apart import SetApart
from backend.iter_training.gate.gate import BundleFacts, JudgedModel, decide, decide_first, refuse_unloadable
from backend.iter_training.training.challenger import (
    Challenger,
    Origin,
    build_challenger,
    cpu_milliseconds,
    reload_bundle,
)
from backend.ml.judging.comparison import summarise
from backend.ml.model import FAMILIES, ModelFitting, RoutingModel
from backend.settings import Settings
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.poisons import DAMAGES, POISONS, SLOWDOWN, SOUND, Poison, SlowModel
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import protocol_of, run_alone

ITEMS: Final = 5_000
SEED: Final = 1
TIMED: Final = 20
OLD: Final = timedelta(days=730)
CANDIDATES: Final = 3


@dataclass(frozen=True)
class Court:
    """A plant, the champions that stand on it, and the lots that judge."""

    plant: PlantData
    apart: SetApart
    settings: Settings
    folder: Path
    seed: int

    @cached_property
    def work(self) -> JudgeableWork:
        """Return the lots that judge."""
        return unseen_work(self.plant.work_orders, self.apart.after, self.apart.until)

    def learnt(self, until: datetime, poison: Poison = POISONS[SOUND]) -> PlantData:
        """Return what a training may learn from, spoilt."""
        known = replace(self.plant, work_orders=self.plant.finished_until(until))
        return poison(known, np.random.default_rng([self.seed, 60]))

    def train(self, name: str, until: datetime, poison: Poison = POISONS[SOUND]) -> Challenger:
        """Fit a challenger as a training does, and load what was written."""
        plant = self.learnt(until, poison)
        fitting = ModelFitting(plant, until, seed=self.seed, threads=1)
        origin = Origin(None, until, "ksm", until, self.seed, CANDIDATES)
        return build_challenger(fitting, FAMILIES[0], origin, self.folder / name, no_progress)

    def judged(self, model: PredictsRoutings) -> JudgedModel:
        """Put a model beside what the shop did in the days set apart."""
        comparison = judge(model, self.work, self.plant, item_labels(self.plant, self.apart.after))
        return JudgedModel(None, comparison, summarise(comparison))

    def milliseconds(self, model: PredictsRoutings) -> float:
        """Time single predictions as a training does."""
        codes = [code for code in self.plant.items["item_code"].head(TIMED) if model.knows(code)]
        return cpu_milliseconds(model, codes, CANDIDATES)

    def stand(self, champion: RoutingModel | None) -> tuple[JudgedModel, float]:
        """Return a champion's judged predictions and milliseconds for one."""
        if champion is None:
            raise ValueError("a champion does not load")
        return self.judged(champion), self.milliseconds(champion)

    def decide_first(self, judged: JudgedModel, facts: BundleFacts) -> GateDecision:
        """Decide as a training does where there is no champion."""
        learnt = self.plant.finished_until(self.apart.after).lazy()
        baseline = median_baseline(judged.comparison, self.work, learnt)
        config = self.settings.config
        return decide_first(judged, baseline, facts, config.gate, config.evaluation.min_operations)


Contestant: TypeAlias = tuple[str, PredictsRoutings | None, BundleFacts]


def contestants(court: Court) -> Iterator[Contestant]:
    """Return every challenger as the gate meets it, the sound one first; model None where it does not load."""
    for name, poison in POISONS.items():
        made = court.train(name, court.apart.after, poison)
        yield name, made.model, made.facts
    sound = court.folder / SOUND
    model, facts = reload_bundle(sound, (), CANDIDATES)
    if model is None:
        raise ValueError(str(facts))
    slow = SlowModel(model)
    yield f"{SLOWDOWN} × slower", slow, replace(facts, predict_milliseconds=court.milliseconds(slow))
    content = (sound / "model.pkl").read_bytes()
    for name, damage in DAMAGES.items():
        (sound / "model.pkl").write_bytes(content)
        damage(sound / "model.pkl")
        yield name, *reload_bundle(sound, (), CANDIDATES)


def run(options: Options) -> Report:
    """Show every challenger to the gate, beside either champion and beside none."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    settings = demo_plant(options, items, seed)
    plant = PlantReader(settings).read_plant()
    apart = SetApart.of(plant.work_orders, settings.config)
    if apart is None:
        raise ValueError(f"{settings.plant_database_path}: no work order is finished")
    with tempfile.TemporaryDirectory(prefix="poisoned-") as folder:
        court = Court(plant, apart, settings, Path(folder), seed)
        champions = [court.stand(court.train(str(age), apart.after - age).model) for age in (timedelta(), OLD)]
        decisions = {name: _decisions(court, champions, model, facts) for name, model, facts in contestants(court)}
    return _report(items, seed, decisions)


def _decisions(
    court: Court,
    champions: Sequence[tuple[JudgedModel, float]],
    model: PredictsRoutings | None,
    facts: BundleFacts,
) -> list[GateDecision]:
    """Return the gate's decisions beside each champion, and last that on a first model."""
    gate = court.settings.config.gate
    if model is None:
        return [refuse_unloadable(facts, gate, None)] * (len(champions) + 1)
    judged = court.judged(model)
    return [
        *(
            decide(champion, judged, replace(facts, champion_milliseconds=milliseconds), gate, DIMENSIONS)
            for champion, milliseconds in champions
        ),
        court.decide_first(judged, facts),
    ]


def _report(items: int, seed: int, decisions: dict[str, list[GateDecision]]) -> Report:
    poisoned = {name: found for name, found in decisions.items() if name != SOUND}
    passed = sum(decision.promote for found in poisoned.values() for decision in found[:2])
    bars = (
        Bar("poisoned challengers that pass", passed, f"of {2 * len(poisoned)} tries", at_most=0),
        Bar("the sound one passes over the old champion", int(decisions[SOUND][1].promote), "", at_least=1),
    )
    rows: list[tuple[Cell, ...]] = [
        (name, *("PROMOTED" if each.promote else "refused" for each in found), _why(found[1]))
        for name, found in decisions.items()
    ]
    columns = (
        "challenger",
        "fresh champion",
        "old champion",
        "without a champion",
        "checks it fails beside the old one",
    )
    table = Table("Decisions", columns, tuple(rows))
    return Report(
        "Poisoned challengers", protocol_of(__doc__), {"items": f"{items:,}", "seed": str(seed)}, bars, (table,)
    )


def _why(decision: GateDecision) -> str:
    return ", ".join(check.name for check in decision.checks if not check.passed) or "none"


if __name__ == "__main__":
    sys.exit(run_alone(run, "poisoned"))
