"""The gate's rule on simulated duels: how often it promotes what is equal, worse, better in parts."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from scipy.stats import norm

from backend.config_keys import GateSettings
from backend.domain.quality import QualityMetrics
from backend.iter_training.evaluation.judging import DIMENSIONS
from backend.iter_training.gate.gate import BundleFacts, JudgedModel, decide
from backend.ml.common.arrays import Floats, Ints
from backend.ml.judging.comparison import Comparison
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone

SEED: Final = 9001
OPERATIONS: Final = 2_000
PER_LOT: Final = 8
KINDS: Final = 20
CENTRES: Final = 30
STRATA: Final = 5
TRIES: Final = 1_000
EQUAL_TRIES: Final = 10_400
BETTER_TRIES: Final = 3_000
"""Shares so near 0 or 1 are told from their limits only by many tries."""
WEEKS: Final = 52
NOISE: Final = 0.13
HABIT: Final = 0.03
"""The shop's own scatter and what is peculiar to an item, in log minutes: what no model can know.

All four sizes are about those of the demo plant, where two trainings four weeks apart differ by 0.025 and err by 0.14.
"""
SHARED: Final = 0.03
OWN: Final = 0.02
"""Errors that two models of one plant have in common, and those of each."""
MISSED: Final = 0.02
"""Lots of which a model misses an operation that others do not; what all miss cancels out."""
LEVEL: Final = float(np.hypot(np.hypot(NOISE, HABIT), np.hypot(SHARED, OWN)))
PROTOCOL: Final = f"""\
Two models are judged on the same {OPERATIONS:,} operations of {OPERATIONS // PER_LOT} items. An operation takes
lognormal minutes: {NOISE} of scatter and {HABIT} peculiar to the item (standard deviations of log minutes). Both
models err by {SHARED} in common and {OWN} apart. Where one is better, the other is off by one factor on a third of the
work centres, so that its mean |log error| is so much larger; "scattered": by as much more apart on every operation.
Sequences lack an operation in {MISSED:.0%} of the lots, others for each model. "Segment" is better overall and 30 %
too long on one part type of {STRATA}. The gate is the product's, with its default settings. The naive rule promotes
what has the lower MAE on a sample of its own, half of the items each. A year of weekly trainings has {WEEKS} tries."""
Rule: TypeAlias = Callable[["Shop", Floats, Floats], bool]


@dataclass(frozen=True, slots=True)
class Shop:
    """The operations of one duel."""

    item: Ints
    expected: Floats
    actual: Floats
    shared: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Shop":
        """Draw operations and what all models of the plant get wrong about them."""
        item = np.repeat(np.arange(OPERATIONS // PER_LOT), PER_LOT)
        expected = rng.lognormal(3, 1, OPERATIONS)
        habit = HABIT * rng.normal(size=item[-1] + 1)[item]
        actual = expected * np.exp(habit + NOISE * rng.normal(size=OPERATIONS))
        return cls(item, expected, actual, SHARED * rng.normal(size=OPERATIONS))

    def guess(self, rng: np.random.Generator, worse: float = 0.0, *, scattered: bool = False) -> Floats:
        """Return a model's minutes, its mean |log error| so much (a share) above the usual."""
        apart = np.sqrt(OWN**2 + LEVEL**2 * ((1 + worse) ** 2 - 1)) if scattered else OWN
        drifted = np.arange(OPERATIONS) % CENTRES < CENTRES / 3
        shift = 0.0 if scattered else _shift(3 * worse) * drifted
        return np.asarray(self.expected * np.exp(self.shared + shift + apart * rng.normal(size=OPERATIONS)))

    def judged(self, predicted: Floats) -> JudgedModel:
        """Return a model's predictions as the gate takes them; its sequences are as good as any other's."""
        number = np.arange(OPERATIONS)
        missed = np.random.default_rng(int(predicted[0] * 1e9)).random(OPERATIONS // PER_LOT) < MISSED
        matches = np.where(missed, 1 - 1 / PER_LOT, 1.0)
        operations = pl.DataFrame(
            {
                "row": number,
                "work_order_code": self.item.astype(str),
                "item_code": self.item.astype(str),
                "operation_code": (number % KINDS).astype(str),
                "work_centre": (number % CENTRES).astype(str),
                "predicted_minutes": predicted,
                "actual_minutes": self.actual,
                "low": predicted * np.exp(-1.28 * LEVEL),
                "high": predicted * np.exp(1.28 * LEVEL),
                "stratum": (self.item % STRATA).astype(str),
                "history": np.where(self.item % 4 == 0, "new", "known"),
            }
        )
        lots = operations.select("work_order_code", "item_code", "stratum", "history").unique(maintain_order=True)
        return JudgedModel("model", Comparison(lots.with_columns(process_match=matches), operations), NOTHING)


def _shift(worse: float) -> float:
    """Return by how much to shift normal errors of LEVEL so that their mean size grows by a share."""
    shifts = np.linspace(0, 3, 3001)
    size = np.sqrt(2 / np.pi) * np.exp(-(shifts**2) / 2) + shifts * (2 * norm.cdf(shifts) - 1)
    return LEVEL * float(np.interp((1 + worse) * size[0], size, shifts))


NOTHING: Final = QualityMetrics(*(None,) * 13, 0, 0)
SOUND: Final = BundleFacts(None, 50.0, 5.0)


def gate(shop: Shop, champion: Floats, challenger: Floats) -> bool:
    """Decide as the product does."""
    return decide(shop.judged(champion), shop.judged(challenger), SOUND, GateSettings(), DIMENSIONS).promote


def naive(shop: Shop, champion: Floats, challenger: Floats) -> bool:
    """Compare mean absolute errors on separate halves of the items."""
    mine = shop.item % 2 == 0
    errors = np.abs(champion - shop.actual)[mine].mean(), np.abs(challenger - shop.actual)[~mine].mean()
    return bool(errors[1] < errors[0])


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of duel."""

    name: str
    champion_worse: float = 0.0
    challenger_worse: float = 0.0
    biased: bool = False
    scattered: bool = False
    tries: int = TRIES

    def play(self, rng: np.random.Generator, rules: tuple[Rule, ...]) -> tuple[int, ...]:
        """Return how many of the tries each rule promotes."""
        promoted = np.zeros(len(rules), dtype=np.int64)
        for _ in range(self.tries):
            shop = Shop.draw(rng)
            champion, challenger = (
                shop.guess(rng, worse, scattered=self.scattered)
                for worse in (self.champion_worse, self.challenger_worse)
            )
            if self.biased:
                challenger = challenger * np.where(shop.item % STRATA == 1, 1.3, 1.0)
            promoted += [rule(shop, champion, challenger) for rule in rules]
        return tuple(promoted.tolist())


SCENARIOS: Final = (
    Scenario("equal", tries=EQUAL_TRIES),
    Scenario("2 % worse", challenger_worse=0.02),
    Scenario("5 % worse", challenger_worse=0.05),
    Scenario("2 % better", champion_worse=0.02),
    Scenario("5 % better", champion_worse=0.05, tries=BETTER_TRIES),
    Scenario("5 % better, scattered", champion_worse=0.05, scattered=True),
    Scenario("segment", champion_worse=0.5, biased=True),
)


def run(options: Options) -> Report:
    """Play all scenarios."""
    seed = (options.seeds or (SEED,))[0]
    counts = {each.name: each.play(np.random.default_rng([seed, n]), (gate, naive)) for n, each in enumerate(SCENARIOS)}
    tries = {each.name: each.tries for each in SCENARIOS}
    share = {name: 100 * count[0] / tries[name] for name, count in counts.items()}
    year = 100 * (1 - (1 - share["equal"] / 100) ** WEEKS)
    bars = (
        Bar("equal: promoted", share["equal"], "% of tries", at_most=0.5),
        Bar("equal, weekly: promoted at least once", year, "% of years", at_most=10),
        Bar("2 % worse: promoted", counts["2 % worse"][0], f"of {TRIES:,}", at_most=0),
        Bar("5 % worse: promoted", counts["5 % worse"][0], f"of {TRIES:,}", at_most=0),
        Bar("5 % better: promoted", share["5 % better"], "%", at_least=99),
        Bar("better but for a segment: promoted", counts["segment"][0], f"of {TRIES:,}", at_most=0),
    )
    rows: list[tuple[Cell, ...]] = [
        (name, tries[name], *count, *(100 * each / tries[name] for each in count)) for name, count in counts.items()
    ]
    table = Table("Promoted", ("challenger", "tries", "gate", "naive", "gate %", "naive %"), tuple(rows))
    return Report("The gate's rule", PROTOCOL, {"seed": str(seed)}, bars, (table,))


if __name__ == "__main__":
    sys.exit(run_alone(run, "gate_rule"))
