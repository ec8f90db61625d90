"""The trigger's rule on simulated years: how often it retrains for nothing, how soon it finds what has changed."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from scipy.stats import beta

from backend.domain.trigger import Measure, Promise, TriggerAction, TriggerDecision
from backend.iter_training.evidence import PROMISED_LOTS
from backend.iter_training.levels import Evidence, expected, overall, promised_levels
from backend.iter_training.promise_check import Rule
from backend.iter_training.trigger import CLEAN_SHEET, decide
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone
from benchmarks.trigger_streams import GATE_DAYS, START, Change, Plant, Stream, draw

SEED: Final = 7001
YEAR: Final = 364
WINDOW: Final = 28
TRIES: Final = 60
PATIENCE: Final = 28
SAMPLED_ITEMS: Final = 500
LARGE: Final = Plant("large", 46_000, items=40_000)
MIDDLE: Final = Plant("middle", 3_000)
FEW: Final = Plant("few", 60, items=300)
IN_DAYS: Final = replace(MIDDLE, name="middle, in days", minutes=24.0 * 60)
YEARS: Final = {MIDDLE: 80, LARGE: 12, FEW: 60}
CHANGES: Final = (
    (Change("errors +5 % everywhere", error_factor=1.05), 7),
    (Change("errors +30 % on a tenth of the items", wide_items=1.3), 21),
    (Change("times +30 % on a tenth of the items", slow_items=0.3), 21),
    (Change("a work centre replaced", slow_centre=-0.2, new_centre=True), 7),
    (Change("a work centre replaced, a refresh mends it", slow_centre=-0.2, new_centre=True, mended=True), 7),
)
"""What happens, and within how many days of data it is to be found on the large plant."""
PROTOCOL: Final = f"""\
A plant's operations finish evenly over time, four to a lot, items made as often as 1 / rank^0.6. Log errors are the
sum of what is peculiar to an item and operation (0.05), to a work centre (0.03, and 0.02 that moves every week), and
noise of 0.115 with heavy tails (Student, 5 degrees of freedom), 1.3 times as much for the 8 % new items; one booking
in a hundred is off by a factor of 2.7. One work centre in twenty and one lot in fifty is foreseen wrongly. The gate
has measured the promise on the first {GATE_DAYS} days. From then on the product's rule (`trigger.decide`, default
thresholds) is asked every day about the newest {WINDOW} days, or those since its last alarm, of as many lots as the
product judges. The large plant is the reference plant ({LARGE.operations_a_week:,} operations a week), the middle one
has {MIDDLE.operations_a_week:,}, the smallest {FEW.operations_a_week}. "Found" is the alarm, which starts a refresh;
"retrained" the training that follows where the refresh does not mend it. The naive rules retrain at once: MAE over
5 minutes (the plant's own is 4.5; on another 6), MAE a tenth above the gate's, both on {SAMPLED_ITEMS} sampled items
a day; and the newest week's mean |log error| above the promised one at z > 1.96. Intervals are 95 % (Clopper and
Pearson); a bar holds for the share itself, the interval stands beside it. A simulation knows only the troubles that
were put into it."""


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one simulated plant: the days of alarms and of retrainings, per rule."""

    alarms: tuple[float, ...]
    retrains: tuple[float, ...]
    naive: dict[str, tuple[float, ...]]
    too_few: int
    """Days on which the rule said that it has too little to judge by."""


Naive = Callable[[Evidence], bool]


def live(stream: Stream, calm: Stream, first: int, last: int, rng: np.random.Generator | None = None) -> Life:
    """Ask the rule every day; after an alarm the calm stream goes on, which is the same one where nothing mends."""
    gate = stream.evidence(0, GATE_DAYS, PROMISED_LOTS)
    promise, naive = promised_levels(gate), naive_rules(gate, rng) if rng else {}
    decision, alarms, retrains, too_few = CLEAN_SHEET, [], [], 0
    fired: dict[str, list[float]] = {name: [] for name in naive}
    for day in range(first, last):
        now = calm if decision.judged_from else stream
        evidence = now.evidence(max(day - WINDOW, _since(decision)), day)
        decision = decide(evidence, promise, Rule(), decision)
        alarms += [day] if decision.action is TriggerAction.REFRESH else []
        retrains += [day] if decision.action is TriggerAction.RETRAIN else []
        too_few += decision.action is TriggerAction.INSUFFICIENT_DATA
        for name, rule in naive.items():
            fired[name] += [day] if rule(stream.evidence(day - WINDOW, day)) else []
    return Life(tuple(alarms), tuple(retrains), {name: tuple(days) for name, days in fired.items()}, too_few)


def _since(decision: TriggerDecision) -> float:
    return (decision.judged_from - START).total_seconds() / 86_400 if decision.judged_from else 0.0


def naive_rules(gate: Evidence, rng: np.random.Generator) -> dict[str, Naive]:
    """Return the rules that one would write first."""
    promised, promise = _sampled_mae(gate, rng), promised_levels(gate)
    return {
        "MAE > 5 min, own 4.5": lambda now: _sampled_mae(now, rng) * 4.5 / promised > 5,
        "MAE > 5 min, own 6": lambda now: _sampled_mae(now, rng) * 6 / promised > 5,
        "MAE +10 %": lambda now: _sampled_mae(now, rng) > 1.1 * promised,
        "z > 1.96": lambda now: _z(now, promise) > 1.96,
    }


def _sampled_mae(evidence: Evidence, rng: np.random.Generator) -> float:
    codes = evidence.operations["item_code"].unique().sort()
    chosen = codes.gather(rng.permutation(len(codes))[:SAMPLED_ITEMS])
    rows = evidence.operations.filter(pl.col("item_code").is_in(chosen.implode()))
    return float((rows["predicted_minutes"] - rows["actual_minutes"]).abs().to_numpy().mean())


def _z(evidence: Evidence, promise: Promise) -> float:
    losses = evidence.newest(7).losses(Measure.TIMES)
    seen, promised = overall(losses), expected(promise.levels[Measure.TIMES.value], losses)
    return (seen.mean - promised.mean) / float(np.hypot(seen.error, promised.error))


def stable_years(plant: Plant, years: int, seed: int) -> list[Life]:
    """Live through years in which nothing changes."""
    lives = []
    for year in range(years):
        stream = draw(np.random.default_rng([seed, year]), plant, GATE_DAYS + YEAR)
        naive = np.random.default_rng([seed, year, 1]) if plant is MIDDLE else None
        lives.append(live(stream, stream, GATE_DAYS + 1, GATE_DAYS + YEAR, naive))
    return lives


def finding(plant: Plant, change: Change, tries: int, seed: int) -> Iterator[tuple[float | None, float | None]]:
    """Return after how many days of data a change is found and retrained for, None where it is not in four weeks."""
    for number in range(tries):
        key = [seed, number, 2]
        at = 2 * GATE_DAYS + float(np.random.default_rng(key).uniform(0, 7))
        days = int(at) + PATIENCE + 2
        stream = draw(np.random.default_rng(key), plant, days, change, at)
        calm = draw(np.random.default_rng(key), plant, days) if change.mended else stream
        found = live(stream, calm, int(np.ceil(at)), days)
        yield (
            next((day - at for day in found.alarms), None),
            next((day - at for day in found.retrains), None),
        )


def share(count: int, tries: int) -> tuple[float, float, float]:
    """Return a share in per cent with its 95 % interval.

    >>> [round(value, 1) for value in share(0, 60)]
    [0.0, 0.0, 6.0]
    """
    low = float(beta.ppf(0.025, count, tries - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, tries - count)) if count < tries else 1.0
    return 100 * count / tries, 100 * low, 100 * high


def _stable_table(lives: dict[Plant, list[Life]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for plant, years in lives.items():
        fires: dict[str, list[tuple[float, ...]]] = {"the rule": [one.retrains for one in years]}
        for name in years[0].naive:
            fires[name] = [one.naive[name] for one in years]
        for name, per_year in fires.items():
            least_once, low, high = share(sum(bool(days) for days in per_year), len(years))
            alarms = sum(len(one.alarms) for one in years) / len(years) if name == "the rule" else None
            mean = sum(map(len, per_year)) / len(years)
            too_few = (
                100 * sum(one.too_few for one in years) / (len(years) * (YEAR - 1)) if alarms is not None else None
            )
            rows.append((plant.name, name, len(years), least_once, f"{low:.1f} to {high:.1f}", mean, alarms, too_few))
    columns = (
        "plant", "rule", "years", "years with a false retraining %", "interval %", "retrainings a year",
        "alarms (refreshes) a year", "days with too few operations %",
    )  # fmt: skip
    return Table("Nothing changes", columns, tuple(rows))


@dataclass(frozen=True, slots=True)
class Found:
    """How soon one change was found on one plant."""

    plant: Plant
    change: Change
    days: int
    alarms: tuple[float | None, ...]
    retrains: tuple[float | None, ...]

    def within(self) -> tuple[float, float, float]:
        """Return the share found in time, with its interval."""
        return share(sum(day is not None and day <= self.days for day in self.alarms), len(self.alarms))

    def retrained(self) -> float:
        """Return the share that was retrained for."""
        return share(sum(day is not None for day in self.retrains), len(self.retrains))[0]

    def row(self) -> tuple[Cell, ...]:
        """Return a row of the table."""
        found, low, high = self.within()
        medians = [_median(days) for days in (self.alarms, self.retrains)]
        interval = f"{low:.1f} to {high:.1f}"
        return self.change.name, self.plant.name, self.days, found, interval, medians[0], self.retrained(), medians[1]


def _median(days: tuple[float | None, ...]) -> float | None:
    return float(np.median([PATIENCE + 1.0 if day is None else day for day in days])) if any(days) else None


def run(options: Options) -> Report:
    """Simulate all plants."""
    seed = (options.seeds or (SEED,))[0]
    lives = {plant: stable_years(plant, years, seed) for plant, years in YEARS.items()}
    found = [
        Found(plant, change, days, *zip(*finding(plant, change, TRIES, seed), strict=True))
        for change, days in CHANGES
        for plant in (LARGE, MIDDLE)
    ]
    middle = lives[MIDDLE]
    false_share = share(sum(bool(one.retrains) for one in middle), len(middle))[0]
    in_days = [finding(plant, CHANGES[2][0], 10, seed) for plant in (MIDDLE, IN_DAYS)]
    differ = sum(one != other for one, other in zip(*in_days, strict=True))
    large = [one for one in found if one.plant is LARGE]
    bars = (
        Bar("stable plant: a false retraining", false_share, "% of years", at_most=5),
        *(Bar(f"{one.change.name}: found in {one.days} days", one.within()[0], "%", at_least=95) for one in large),
        Bar("mended by the refresh: retrained", large[-1].retrained(), "%", at_most=5),
        Bar("days instead of minutes: decisions that differ", differ, "of 10", at_most=0),
    )
    columns = (
        "change", "plant", "days", "found in time %", "interval %", "median days", "retrained in 4 weeks %",
        "median days to retraining",
    )  # fmt: skip
    tables = (_stable_table(lives), Table("Something changes", columns, tuple(one.row() for one in found)))
    return Report("The trigger's rule", PROTOCOL, {"seed": str(seed)}, bars, tables)


if __name__ == "__main__":
    sys.exit(run_alone(run, "trigger_rule"))
