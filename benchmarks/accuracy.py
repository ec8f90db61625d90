"""Routings and times beside the best possible predictor, on a demo plant: the model, the oracle, and simpler ways.

python -m benchmarks.accuracy [--items 325000 --seed 4242]
"""

from dataclasses import astuple
from typing import Final

from backend.ml.model import FAMILIES
from benchmarks import baselines
from benchmarks.demo_contest import ALL_KNOWING, ALL_NEW, ORACLE, Contest, begin, enter_models
from benchmarks.demo_task import KNOWN, PROTOCOL, UNMADE, read_task
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Report, Table
from benchmarks.running import run_alone
from benchmarks.scoring import Scores, score

ITEMS: Final = 325_000
SEED: Final = 4242
MODEL: Final = FAMILIES[0]
COLUMNS: Final = (
    "predictor", "lots", "exact", "process match", "work centre", "in-house", "MAE min", "time / oracle",
    "set-up / oracle", "given ≥ 90 %", "right of these", "ECE", "operations missed",
)  # fmt: skip
NOTES: Final = """\
"Oracle, same data" knows every rule and parameter of the generator, but must infer what is hidden of families and
items from the rows that the model may learn from; nobody can do better in the long run. "Oracle, all-knowing" knows
that too: what remains is the shop's own noise. Time ratios are sums of |predicted − actual| lot minutes (set-up
minutes) over the operations that both the predictor and the oracle with the same data propose and that were really
measured, so that a missing operation is counted once, in the sequence. Exact sequence and process match average an
item's lots first; calibration counts lots."""


def run(options: Options) -> Report:
    """Measure one plant."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    contest = begin(read_task(demo_plant(options, items, seed)))
    enter_models(contest, FAMILIES)
    baselines.enter_baselines(contest)
    return report(contest, {"items": f"{items:,}", "seed": str(seed)})


def report(contest: Contest, settings: dict[str, str]) -> Report:
    """Lay the scores of a contest out."""
    tables = tuple(_table(contest, name) for name in contest.groups)
    return Report(
        "Accuracy on the demo plant", f"{PROTOCOL}\n\n{NOTES}\n\n{baselines.WAYS}", settings, _bars(contest), tables
    )


def scores(contest: Contest, group: str, name: str) -> Scores:
    """Score one predictor on one group."""
    by_group = contest.answers[name]
    return score(contest.groups[group], by_group[group], contest.answers[ORACLE][group])


def _table(contest: Contest, group: str) -> Table:
    rows = [
        (name, *astuple(scores(contest, group, name))) for name, answers in contest.answers.items() if group in answers
    ]
    return Table(f"Lots: {group}", COLUMNS, tuple(rows))


def _bars(contest: Contest) -> tuple[Bar, ...]:
    limits = ((KNOWN, 1.04), (UNMADE, 1.06), (ALL_NEW, 1.06))
    return tuple(bar for group, most in limits if group in contest.groups for bar in _group_bars(contest, group, most))


def _group_bars(contest: Contest, group: str, most_time: float) -> tuple[Bar, ...]:
    own, best, floor = (scores(contest, group, name) for name in (MODEL, ORACLE, ALL_KNOWING))
    sure_limits = {"at_least": 88.0, "at_most": 97.0} if group == ALL_NEW else {}
    return (
        _bar(group, "exact sequence / oracle's", _over(own.exact, best.exact), at_least=0.96),
        _bar(group, "process match below oracle's", _minus(best.process_match, own.process_match), at_most=0.006),
        _bar(group, "work centre below oracle's", _minus(best.work_centre, own.work_centre, 100), "points", at_most=1),
        _bar(group, "in-house below oracle's", _minus(best.in_house, own.in_house, 100), "points", at_most=0.5),
        _bar(group, "time error / oracle's", own.time_ratio, at_most=most_time),
        _bar(group, "time error of the all-knowing oracle / oracle's", floor.time_ratio),
        _bar(group, "set-up error / oracle's", own.setup_ratio, at_most=1.02),
        _bar(group, "right of routings given ≥ 90 %", _times(own.sure_right, 100), "%", **sure_limits),
        _bar(group, "expected calibration error", own.calibration_error, at_most=0.02),
    )


def _bar(group: str, name: str, value: float | None, unit: str = "", **limits: float) -> Bar:
    return Bar(f"{group}: {name}", value, unit, at_least=limits.get("at_least"), at_most=limits.get("at_most"))


def _over(value: float | None, reference: float | None) -> float | None:
    return value / reference if value is not None and reference else None


def _minus(left: float | None, right: float | None, scale: float = 1) -> float | None:
    return scale * (left - right) if left is not None and right is not None else None


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


if __name__ == "__main__":
    raise SystemExit(run_alone(run, "accuracy"))
