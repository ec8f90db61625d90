"""What the step of one family member tells about another's, cell by cell: counted over all families."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints, offsets_of
from backend.ml.cell_fit import Made, partners

UNIT: Final = 1 / 12
"""Log-probabilities are kept as whole numbers of this size, so that one fits into a byte."""
_PARTNERS: Final = 6
_PRIOR: Final = 3.0
"""Pairs that the expectation counts as: the agreement of the two cells, else the cell's usual steps."""
_PRIOR_AGREEMENT: Final = 10.0
_FLOOR: Final = 0.003


@dataclass(frozen=True, slots=True)
class FamilySteps:
    """Log-probabilities of a step, given the own cell and the cell and step of a family member.

    A choice is a step's position among those of its operation, a state is a (cell, choice) of an
    operation; states are numbered through, operation by operation and cell by cell.
    """

    choices: Ints
    """Steps to choose from, per operation."""
    state_start: Ints
    """Per operation, and one more."""
    usual: Floats
    """Log-probability of the choice in the cell, per state."""
    row: Ints
    """Where a state's row of `told` begins; -1 for states that no family member is in."""
    told: Ints
    """Per row, for all states of the operation: log-probability in UNITs."""

    def states(self, operation: Ints, cell: Ints, choice: Ints) -> Ints:
        """Return state numbers."""
        return np.asarray(self.state_start[operation] + cell * self.choices[operation] + choice)

    def usual_of(self, operation: Ints, cell: Ints) -> Floats:
        """Return the usual log-probability of all choices of (operation, cell) pairs, flat."""
        within, owner = _within(self.choices[operation])
        return np.asarray(self.usual[(self.state_start[operation] + cell * self.choices[operation])[owner] + within])

    def told_of(self, operation: Ints, cell: Ints, pair: Ints, member_state: Ints) -> Floats:
        """Return the sum of what family members tell about all choices of (operation, cell) pairs, flat.

        Member i is in `member_state` of the same operation and speaks to the pair numbered `pair`.
        """
        heard = self.row[member_state] >= 0
        pair, member_state = pair[heard], member_state[heard]
        sizes = self.choices[operation]
        start = np.cumsum(sizes) - sizes
        within, speaker = _within(sizes[pair])
        first = self.row[member_state] + (cell * sizes)[pair]
        said = self.told[first[speaker] + within]
        return np.bincount(start[pair][speaker] + within, weights=said, minlength=int(sizes.sum())) * UNIT

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "FamilySteps":
        """Read what to_parts wrote."""
        return cls(**parts)


def _within(sizes: Ints) -> tuple[Ints, Ints]:
    """Return 0, 1, 2 … within stretches of these sizes, and the number of each one's stretch."""
    offsets = offsets_of(sizes)
    owner = np.arange(len(sizes)).repeat(sizes)
    return np.arange(offsets[-1]) - offsets[owner], owner


def fit_family_steps(
    made: Made, state: tuple[Ints, Ints], family: Ints, sizes: tuple[Ints, Ints], seed: int
) -> FamilySteps:
    """Count pairs of family members, operation by operation.

    `state` is the cell and the choice of each entry of `made`, `family` is per item, `sizes` are
    choices and cells per operation.
    """
    choices, cells = (each.astype(np.int64) for each in sizes)
    state_start = np.r_[0, np.cumsum(choices * cells)]
    usual, row = np.zeros(state_start[-1], np.float32), np.full(state_start[-1], -1, np.int32)
    told, filled = [np.zeros(0, np.int8)], 0
    order = np.argsort(made.operation, kind="stable")
    bounds = np.searchsorted(made.operation[order], np.arange(len(choices) + 1))
    for operation in np.flatnonzero(choices >= 2).tolist():
        mine = order[bounds[operation] : bounds[operation + 1]]
        place = state[0][mine].astype(np.int64) * choices[operation] + state[1][mine]
        operation_steps = _Operation(int(choices[operation]), int(cells[operation]), place)
        rng = np.random.default_rng([seed, 6, operation])
        seen, logs = operation_steps.told(*partners(family[made.item[mine]], _PARTNERS, rng))
        here = slice(state_start[operation], state_start[operation + 1])
        usual[here] = np.log(operation_steps.usual().ravel())
        row[here][seen] = filled + np.arange(len(seen)) * operation_steps.states
        told.append(logs.ravel())
        filled += logs.size
    return FamilySteps(choices, state_start, usual, row, np.concatenate(told))


@dataclass(frozen=True, slots=True)
class _Operation:
    """The items of one operation, each in a place: cell * choices + choice."""

    choices: int
    cells: int
    place: Ints

    @property
    def states(self) -> int:
        """How many places there are."""
        return self.choices * self.cells

    def usual(self) -> Floats:
        """Return (cell, choice) shares, pulled towards the operation's."""
        count = np.bincount(self.place, minlength=self.states).reshape(self.cells, self.choices) * 1.0
        overall = (count.sum(axis=0) + 0.5) / (count + 0.5 / self.cells).sum()
        return np.asarray((count + overall) / (count.sum(axis=1, keepdims=True) + 1.0))

    def told(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return the places that members of pairs are in, and for each the logs of what it tells, in UNITs."""
        member = np.concatenate([self.place[left], self.place[right]])
        other = np.concatenate([self.place[right], self.place[left]])
        seen, which = np.unique(member, return_inverse=True)
        cell_of, choice_of = seen // self.choices, seen % self.choices
        count = np.bincount(which * self.states + other, minlength=len(seen) * self.states)
        count = count.reshape(len(seen), self.cells, self.choices)
        pairs = count.sum(axis=2, keepdims=True)
        alike = np.eye(self.choices)[choice_of][:, None, :]
        agreement = self._agreement((count * alike).sum(axis=2), pairs[:, :, 0], cell_of)[:, :, None]
        others = self.usual()[None] * (1 - alike)
        others /= np.maximum(others.sum(axis=2, keepdims=True), 1e-9)
        expected = agreement * alike + (1 - agreement) * others
        share = (count + _PRIOR * expected) / (pairs + _PRIOR)
        logs = np.round(np.log(share + _FLOOR) / UNIT).astype(np.int8)
        return seen, logs.reshape(len(seen), self.states)

    def _agreement(self, agreed: Ints, pairs: Ints, cell_of: Ints) -> Floats:
        """Return (place, cell) how often members of both cells agree; few pairs are pulled to the average."""
        by_cell = np.zeros((2, self.cells, self.cells))
        np.add.at(by_cell[0], cell_of, agreed)
        np.add.at(by_cell[1], cell_of, pairs)
        own = np.eye(self.cells, dtype=bool)
        average = np.empty((self.cells, self.cells))
        for same in (own, ~own):
            average[same] = (by_cell[0][same].sum() + 1) / (by_cell[1][same].sum() + 2)
        share = (by_cell[0] + _PRIOR_AGREEMENT * average) / (by_cell[1] + _PRIOR_AGREEMENT)
        return np.asarray(share[cell_of])
