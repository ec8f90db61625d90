"""The trigger's rule on simulated years: how often it retrains for nothing, how soon it finds what has changed."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import beta

from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone
from benchmarks.trigger_lives import (
    CHANGES,
    FEW,
    IN_DAYS,
    LARGE,
    MIDDLE,
    PATIENCE,
    SAMPLED_ITEMS,
    WINDOW,
    YEAR,
    Life,
    Try,
    stable_years,
    tries,
)
from benchmarks.trigger_oracle import alarms, threshold_for
from benchmarks.trigger_streams import GATE_DAYS, Change, Plant

SEED: Final = 7001
TRIES: Final = 60
YEARS: Final = {MIDDLE: 80, LARGE: 12, FEW: 40}
PROTOCOL: Final = f"""\
A plant's operations finish evenly over time, four to a lot, items made as often as 1 / rank^0.6. Log errors are the
sum of what is peculiar to an item and operation (0.05), to a work centre (0.03, and 0.02 that moves every week), and
noise of 0.115 with heavy tails (Student, 5 degrees of freedom), 1.3 times as much for the 8 % new items; one booking
in a hundred is off by a factor of 2.7. One work centre in twenty and one lot in fifty is foreseen wrongly; half of
the former are done on one of 30 rarely used work centres that are never foreseen. The gate has measured the promise
on the first {GATE_DAYS} days. From then on the product's rule (`trigger.decide`, default thresholds) is asked every
day about the newest {WINDOW} days, or those since its last alarm, of as many lots as the product judges. The large
plant is the reference plant ({LARGE.operations_a_week:,} operations a week), the middle one has
{MIDDLE.operations_a_week:,}, the smallest {FEW.operations_a_week}. "Found" is the alarm, which starts a refresh;
"retrained" the training that follows where the refresh does not mend it. The naive rules retrain at once: MAE over
5 minutes (the plant's own is 4.5; on another 6), MAE a tenth above the gate's, both on {SAMPLED_ITEMS} sampled items
of the newest week, every day; and the newest week's mean |log error| above the promised one at z > 1.96. Intervals
are 95 % (Clopper and Pearson); a bar holds for the share itself, the interval stands beside it. A simulation knows
only the troubles that were put into it."""


def share(count: int, tries: int) -> tuple[float, float, float]:
    """Return a share in per cent with its 95 % interval.

    >>> [round(value, 1) for value in share(0, 60)]
    [0.0, 0.0, 6.0]
    """
    low = float(beta.ppf(0.025, count, tries - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, tries - count)) if count < tries else 1.0
    return 100 * count / tries, 100 * low, 100 * high


def _stable_table(lives: Mapping[Plant, Sequence[Life]]) -> Table:
    rows = list[tuple[Cell, ...]]()
    for plant, years in lives.items():
        alarms = sum(len(one.alarms) for one in years) / len(years)
        too_few = 100 * sum(one.too_few for one in years) / (len(years) * (YEAR - 1))
        rows.append((plant.name, "the rule", *_retrained([len(one.retrains) for one in years]), alarms, too_few))
        for name in years[0].naive:
            rows.append((plant.name, name, *_retrained([one.naive[name] for one in years]), None, None))
    columns = (
        "plant", "rule", "years", "years with a false retraining %", "interval %", "retrainings a year",
        "alarms (refreshes) a year", "days with too few operations %",
    )  # fmt: skip
    return Table("Nothing changes", columns, tuple(rows))


def _retrained(per_year: Sequence[int]) -> tuple[Cell, ...]:
    least_once, low, high = share(sum(count > 0 for count in per_year), len(per_year))
    return len(per_year), least_once, f"{low:.1f} to {high:.1f}", sum(per_year) / len(per_year)


@dataclass(frozen=True, slots=True)
class Found:
    """How soon one change was found on one plant."""

    plant: Plant
    change: Change
    days: int
    tries: tuple[Try, ...]

    def within(self) -> tuple[float, float, float]:
        """Return the share found in time, with its interval."""
        return share(sum(one.found is not None and one.found <= self.days for one in self.tries), len(self.tries))

    def retrained(self) -> float:
        """Return the share that was retrained for."""
        return share(sum(one.trained is not None for one in self.tries), len(self.tries))[0]

    def row(self) -> tuple[Cell, ...]:
        """Return a row of the table."""
        found, low, high = self.within()
        soon = (
            _median([one.found for one in self.tries]),
            self.retrained(),
            _median([one.trained for one in self.tries]),
        )
        return self.change.name, self.plant.name, self.days, found, f"{low:.1f} to {high:.1f}", *soon


def _median(days: Sequence[float | None]) -> float | None:
    return float(np.median([PATIENCE + 1.0 if day is None else day for day in days])) if any(days) else None


def _oracle_table(calm: Sequence[Life], rule: Found) -> Table:
    """Set beside the rule what could be found at all, with as many alarms a year as the rule raises."""
    a_year = sum(len(one.alarms) for one in calm) / len(calm)
    threshold = threshold_for([one.scores for one in calm], a_year)
    in_time = sum(any(0 <= day - one.at <= rule.days for day in alarms(one.scores, threshold)) for one in rule.tries)
    rows = [
        (name, a_year, found, f"{low:.1f} to {high:.1f}")
        for name, (found, low, high) in (("the rule", rule.within()), ("the oracle", share(in_time, len(rule.tries))))
    ]
    columns = ("who", "alarms (refreshes) a year", f"found in {rule.days} days %", "interval %")
    note = (
        "The oracle is a CUSUM that knows how errors are spread before and after the change, and not when it comes; "
        "the rule has only measured the level before it, on four weeks."
    )
    return Table(
        f"What {rule.plant.operations_a_week:,} operations a week can tell of {rule.change.name}",
        columns,
        tuple(rows),
        note,
    )


def run(options: Options) -> Report:
    """Simulate all plants."""
    seed = (options.seeds or (SEED,))[0]
    lives = {plant: list(stable_years(plant, years, seed)) for plant, years in YEARS.items()}
    found = list[Found]()
    for plant in (LARGE, MIDDLE):
        per_try = list(tries(plant, [change for change, _ in CHANGES], TRIES, seed))
        found += [
            Found(plant, change, days, tuple(one[place] for one in per_try))
            for place, (change, days) in enumerate(CHANGES)
        ]
    in_days = [list(tries(plant, [CHANGES[2][0]], 10, seed)) for plant in (MIDDLE, IN_DAYS)]
    differ = sum(
        (one.found, one.trained) != (other.found, other.trained) for (one,), (other,) in zip(*in_days, strict=True)
    )
    large, middle = ([one for one in found if one.plant is plant] for plant in (LARGE, MIDDLE))
    false_share = share(sum(bool(one.retrains) for one in lives[MIDDLE]), len(lives[MIDDLE]))[0]
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
    rows = tuple(one.row() for pair in zip(large, middle, strict=True) for one in pair)
    tables = (
        _stable_table(lives),
        Table("Something changes", columns, rows),
        _oracle_table(lives[MIDDLE], middle[0]),
    )
    return Report("The trigger's rule", PROTOCOL, {"seed": str(seed)}, bars, tables)


if __name__ == "__main__":
    sys.exit(run_alone(run, "trigger_rule"))
