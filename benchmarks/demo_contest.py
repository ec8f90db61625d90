"""The oracle and the model on one demo task: who answered what, group by group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from backend.domain.prediction import ItemPrediction
from backend.ml.judging.comparison import ActualLot
from backend.ml.model import Family, FitOptions, ModelFitting, RoutingModel
from benchmarks.demo_task import GROUPS, NEW, DemoTask
from benchmarks.oracle import Knowledge, learn
from benchmarks.scoring import Answers, Group, answers_of, group_of, pooled, pooled_answers

ALL_NEW: Final = "all new"
ORACLE: Final = "oracle, same data"
ALL_KNOWING: Final = "oracle, all-knowing"
ByGroup: TypeAlias = dict[str, Answers]
Predict: TypeAlias = Callable[[Sequence[ActualLot]], list[ItemPrediction]]


@dataclass(frozen=True)
class Contest:
    """Groups with something to judge, and the answers of predictors by name."""

    task: DemoTask
    groups: dict[str, Group]
    answers: dict[str, ByGroup]

    def asked(self) -> dict[str, list[ActualLot]]:
        """Return the lots of every group but the pooled one."""
        return {name: group.lots for name, group in self.groups.items() if name != ALL_NEW}

    def enter(self, name: str, answers: ByGroup) -> None:
        """Add a predictor that has answered every group but the pooled one."""
        new = [answers[group] for group in NEW if group in answers]
        self.answers[name] = answers | ({ALL_NEW: pooled_answers(new)} if new else {})

    def enter_predictor(self, name: str, predict: Predict) -> None:
        """Ask a predictor of whole routings about every group."""
        self.enter(name, {group: answers_of(lots, predict(lots)) for group, lots in self.asked().items()})


def begin(task: DemoTask) -> Contest:
    """Return a contest that both oracles have entered."""
    groups = {name: group_of(task.groups[name], task.setup_minutes[name]) for name in GROUPS if task.groups[name]}
    new = [groups[name] for name in NEW if name in groups]
    contest = Contest(task, groups | ({ALL_NEW: pooled(new)} if new else {}), {})
    oracle = learn(task.truth, task.hidden, task.local_cutoff, task.lots)
    contest.enter_predictor(ALL_KNOWING, lambda lots: oracle.predict(lots, Knowledge.EVERYTHING))
    contest.enter_predictor(ORACLE, lambda lots: oracle.predict(lots, Knowledge.RECORDS))
    return contest


def enter_models(contest: Contest, families: Sequence[Family]) -> None:
    """Fit models on what may be learnt from, as a training job does; let them answer as they are served, from parts."""
    task, options = contest.task, FitOptions()
    fitting = ModelFitting(task.plant, task.cutoff, seed=options.seed, threads=options.threads)
    for family in families:
        served = RoutingModel.from_parts(fitting.model(family).to_parts())
        contest.enter_predictor(family, partial(task.predict, served))
