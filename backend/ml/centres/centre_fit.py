"""Learning where operations are done: which steps are closed, and what each opinion weighs."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.centres.centre_choice import CLOSED_WEIGHT, DEFAULT_WEIGHTS, OPINIONS, Ballots, CentreChoice
from backend.ml.centres.family_habits import FamilyHabits
from backend.ml.centres.step_labels import StepLabels
from backend.ml.common.arrays import Flags, Floats, Ints, offsets_of
from backend.ml.common.conditional_logit import fit_weights
from backend.ml.history.histories import StepUse
from backend.ml.history.routing_book import RoutingBook

PULLS: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
"""Own orders that everybody else's opinion counts as; chosen by rehearsal."""
STANDARDS: Final = (0.0, 0.3, 1.0, 3.0, 10.0)
"""Own orders that the item's valid ERP routing counts as; chosen by rehearsal."""
_LEAST_QUIET_DAYS: Final = 60.0
_QUIET_GAPS: Final = 10.0
_LEAST_USES: Final = 5
"""Uses, or lots that went elsewhere: fewer do not tell that a step is closed."""


def fit_usage(
    book: RoutingBook, use: StepUse, ageing: Floats, labels: StepLabels, habits: FamilyHabits
) -> CentreChoice:
    """Learn which steps are closed: quiet for far longer than their usual gap between uses, or never used at all."""
    weight = np.where(_closed(use.count, use.newest, use.oldest) | _only_planned(use), CLOSED_WEIGHT, 1.0)
    order = np.lexsort((use.recent * weight + 1e-9 * weight, book.step_operation))
    usual = np.zeros(len(book.operations), dtype=np.int32)
    usual[book.step_operation[order]] = order
    return CentreChoice(DEFAULT_WEIGHTS, 0.5, 1.0, weight, usual, ageing, labels, habits)


def _closed(count: Ints, newest: Floats, oldest: Floats) -> Flags:
    gap = np.where(count > 1, (oldest - np.where(count > 0, newest, 0)) / np.maximum(count - 1, 1), np.inf)
    return (count >= _LEAST_USES) & (newest > np.maximum(_LEAST_QUIET_DAYS, _QUIET_GAPS * gap))


def _only_planned(use: StepUse) -> Flags:
    """Tell which steps stand in ERP routings alone, as a planning centre does, though lots could have followed them."""
    return np.asarray((use.count == 0) & (use.shunned >= _LEAST_USES))


@dataclass(frozen=True, slots=True)
class CentreTrials:
    """Ballots of a rehearsal, the operation of each and the step that was really taken."""

    ballots: Ballots
    operation: Ints
    step: Ints


def tuned(choice: CentreChoice, new: list[CentreTrials], known: list[CentreTrials]) -> CentreChoice:
    """Learn the weights from items without a past, and what one's own past weighs from items that have one."""
    choice = replace(choice, weights=np.array([_weights(new, heard) for heard in (False, True)]))
    grid = [replace(choice, pull=pull, standard_weight=weight) for pull in PULLS for weight in STANDARDS]
    return max(grid, key=lambda each: _right(each, known)) if known else choice


def _weights(trials: list[CentreTrials], heard: bool) -> Floats:
    parts = [_usable(each, heard) for each in trials]
    evidence = np.concatenate([part[0] for part in parts]) if parts else np.zeros((0, len(OPINIONS)))
    offsets = offsets_of(np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int64))
    truth = np.flatnonzero(np.concatenate([part[2] for part in parts])) if parts else np.zeros(0, np.int64)
    return fit_weights(evidence, offsets, truth, DEFAULT_WEIGHTS[int(heard)])


def _usable(trials: CentreTrials, heard: bool) -> tuple[Floats, Ints, Flags]:
    """Return evidence, sizes and which row is true, of pairs with something to choose and the truth among it."""
    steps = trials.ballots.steps
    owner = steps.row_of_values()
    true = steps.values == trials.step[owner]
    has_truth = np.bincount(owner[true], minlength=len(steps)) > 0
    pairs = has_truth & (steps.lengths() >= 2) & (trials.ballots.heard == heard)
    return trials.ballots.opinions[pairs[owner]], steps.lengths()[pairs], true[pairs[owner]]


def _right(choice: CentreChoice, trials: list[CentreTrials]) -> int:
    return sum(int((choice.count(each.ballots, each.operation) == each.step).sum()) for each in trials)
