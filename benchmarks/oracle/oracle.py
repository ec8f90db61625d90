"""Answers of the best possible predictor, in the words of the model's own answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from backend.domain.prediction import (
    Candidate,
    ItemPrediction,
    MinutesRange,
    PredictedOperation,
    PredictionStatus,
)
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.drift import machine_drift, policy_applies
from backend.erp.demo.truth import TruthState
from backend.erp.demo.work_orders import QUANTITY_EXPONENT
from backend.ml.judging.comparison import ActualLot
from benchmarks.oracle import beliefs
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray
from benchmarks.oracle.beliefs import Beliefs
from benchmarks.oracle.evidence import learnt
from benchmarks.oracle.habits import chance_of_full_booking
from benchmarks.oracle.memory import Memory, remember
from benchmarks.oracle.predictive import LotBelief, LotMinutes, lot_minutes


class Knowledge(StrEnum):
    """How much the oracle knows beside rules, parameters, drift and attributes."""

    EVERYTHING = "all-knowing"
    """The hidden traits of every family and item: nothing remains but the shop's own noise."""
    RECORDS = "same data"
    """What the rows that the model may see tell about them."""


def learn(state: TruthState, hidden: Collection[str], cutoff: datetime, lots: Sequence[ActualLot]) -> "Oracle":
    """Return an oracle that can be asked for these lots.

    It sees what was finished by the cutoff (in the plant's own time), save of items with hidden codes.
    """
    return Oracle(remember(state, hidden, cutoff, {item_number(lot) for lot in lots}))


def item_number(lot: ActualLot) -> int:
    """Return the number that the generator gave the lot's item; work-order codes carry it."""
    return int(lot.work_order_code.split("-")[1])


@dataclass(frozen=True, slots=True)
class _Asked:
    """Lots as arrays."""

    item: IntArray
    """Position among the asked items."""
    released: IntArray
    experience: IntArray
    quantity: FloatArray


@dataclass(frozen=True, slots=True)
class _Steps:
    """Proposed operations of all lots, one after another."""

    lot: IntArray
    row: IntArray
    """Row of Beliefs."""
    after: IntArray
    """1 where the lot was released under the policy of today."""
    first: IntArray
    """Per lot: its first step."""
    length: IntArray
    """Per lot."""

    @classmethod
    def of(cls, believed: Beliefs, item: IntArray, after: BoolArray) -> "_Steps":
        starts = np.searchsorted(believed.item, np.arange(len(believed.chance_of_sequence) + 1))
        length = np.diff(starts)[item]
        lot = np.repeat(np.arange(len(item)), length)
        first = np.cumsum(length) - length
        return cls(lot, starts[item][lot] + np.arange(len(lot)) - first[lot], after.astype(int)[lot], first, length)


class Oracle:
    """Predicts lots of one demo plant; made by `learn`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def predict(self, lots: Sequence[ActualLot], knowledge: Knowledge) -> list[ItemPrediction]:
        """Return one answer per lot, in their order."""
        everything = knowledge is Knowledge.EVERYTHING
        believed = beliefs.from_truth(self._memory) if everything else beliefs.from_records(self._memory)
        asked = self._read(lots)
        steps = _Steps.of(believed, asked.item, policy_applies(self._memory.plant.options, asked.released))
        minutes = lot_minutes(self._belief(believed, asked, steps))
        chance = believed.chance_of_sequence[asked.item] * chance_of_full_booking(steps.length)
        operations = self._operations(believed, steps, minutes, asked.quantity[steps.lot])
        spans = zip(steps.first.tolist(), (steps.first + steps.length).tolist(), chance.tolist(), strict=True)
        return [
            _answer(lot, probability, tuple(operations[start:end]))
            for lot, (start, end, probability) in zip(lots, spans, strict=True)
        ]

    def _read(self, lots: Sequence[ActualLot]) -> _Asked:
        asked = self._memory.asked
        parts = [lot.work_order_code.split("-") for lot in lots]
        item = np.searchsorted(asked.number, [int(number) for _, number, _ in parts])
        released = [minute_of(datetime.strptime(day, "W%y%m%d")) for day, _, _ in parts]  # noqa: DTZ007 - plant's time
        epoch, number = np.divmod(np.array([int(order) for _, _, order in parts]) - 1, 1_000)
        experience = number + np.where(epoch > 0, asked.first_span_orders[item], 0)
        return _Asked(item, np.array(released), experience, np.array([lot.quantity for lot in lots]))

    def _belief(self, believed: Beliefs, asked: _Asked, steps: _Steps) -> LotBelief:
        plant, row, lot = self._memory.plant, steps.row, steps.lot
        parameters, operation = plant.parameters, believed.operation[row]
        mean = believed.log_minutes[row].copy()
        mean[:, 1] += QUANTITY_EXPONENT * np.log(asked.quantity[lot]) - learnt(asked.experience[lot])
        covariance = believed.covariance[row].copy()
        covariance[:, 0, 0] += parameters.setup_noise[operation] ** 2
        covariance[:, 1, 1] += parameters.run_noise[operation] ** 2
        outside = believed.outside[row, steps.after][:, None]
        chance = np.hstack([(1 - outside) * believed.places[row, 0], outside * believed.places[row, 1]])
        machine = believed.machines[row].reshape(len(row), -1)
        effect = parameters.machine_effect[machine]
        moments = np.repeat(asked.released[lot], machine.shape[1])
        drift = machine_drift(plant.options, parameters, machine.ravel(), moments).reshape(machine.shape)
        return LotBelief(mean, covariance, chance, 0.5 * effect, effect + drift)

    def _operations(
        self, believed: Beliefs, steps: _Steps, minutes: LotMinutes, quantity: FloatArray
    ) -> list[PredictedOperation]:
        parameters = self._memory.plant.parameters
        centres, facts = parameters.work_centre_codes, parameters.facts.operations
        outside = believed.outside[steps.row, steps.after] > 0.5
        side = outside.astype(int)
        machine = believed.machines[steps.row, side, believed.places[steps.row, side].argmax(axis=1)]
        columns = zip(
            (np.arange(len(steps.lot)) - steps.first[steps.lot]).tolist(),
            believed.operation[steps.row].tolist(),
            machine.tolist(),
            outside.tolist(),
            minutes.setup.tolist(),
            (minutes.run / quantity[:, None]).tolist(),
            minutes.lot.tolist(),
            strict=True,
        )
        return [
            PredictedOperation(
                sequence=10 * (place + 1),
                operation_code=facts[operation].code,
                operation_name=facts[operation].name_ko,
                work_centre=centres[centre],
                in_house=not away,
                setup_minutes=setup[1],
                setup_range=MinutesRange(setup[0], setup[2]),
                run_minutes_per_unit=run[1],
                run_range=MinutesRange(run[0], run[2]),
                lot_minutes=lot[1],
                lot_range=MinutesRange(lot[0], lot[2]),
                evidence_count=0,
            )
            for place, operation, centre, away, setup, run, lot in columns
        ]


def _answer(lot: ActualLot, chance: float, operations: tuple[PredictedOperation, ...]) -> ItemPrediction:
    total = sum(operation.lot_minutes for operation in operations)
    return ItemPrediction(lot.item_code, PredictionStatus.OK, "", lot.quantity, (Candidate(chance, operations, total),))
