"""From what is asked to encoded rows: every query gets a row to predict, or a reason why not."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from backend.domain.plant import Attribute
from backend.domain.prediction import AttributeValue, ItemPrediction, PredictionQuery, PredictionStatus
from backend.domain.records import record
from backend.ml.common.arrays import Ints
from backend.ml.items.checked_attributes import AttributeProblemError, checked_attributes
from backend.ml.items.encoding import ItemEncoder, ItemTable, concatenate
from backend.ml.items.known_items import KnownItems

_SHOWN: Final = 60
_MOST_NAMED: Final = 3


@record
class Asked:
    """One answerable query: the item's number (-1: new), lot, and what its answer has to say beside the routing."""

    code: str | None
    item: int
    quantity: float
    message: str
    given: dict[str, AttributeValue] | None


class QueryReader:
    """Checks queries and encodes the answerable ones."""

    def __init__(self, encoder: ItemEncoder, known: KnownItems, attributes: Sequence[Attribute]) -> None:
        self._encoder = encoder
        self._known = known
        self._attributes: Mapping[str, Attribute] = {each.name: each for each in attributes}

    def read(self, query: PredictionQuery) -> Asked | ItemPrediction:
        """Return what is to be predicted, or the finished answer where nothing can be."""
        code = query.item_code.strip() if query.item_code else None
        item = self._known.find(code)
        quantity = query.quantity
        if quantity is not None and not (math.isfinite(quantity) and 0 < quantity < 1e12):
            return _refused(code, PredictionStatus.INVALID, "quantity must be a number of pieces above 0", 0.0)
        lot, message = self._lot(item, quantity)
        if not query.attributes:
            if item >= 0:
                return Asked(code, item, lot, message, None)
            if code is None:
                return _refused(code, PredictionStatus.INVALID, "an item code or attributes are needed", lot)
            return _refused(code, PredictionStatus.NOT_FOUND, "the item is not known; send its attributes", lot)
        try:
            given = checked_attributes(query.attributes, self._attributes)
        except AttributeProblemError as problem:
            return _refused(code, PredictionStatus.INVALID, str(problem), lot)
        notes = "; ".join(note for note in (self._unseen(given), self._far_outside(given), message) if note)
        return Asked(code, item, lot, notes, given | {"item_code": code})

    def _unseen(self, given: Mapping[str, AttributeValue]) -> str:
        names = self._encoder.unseen(given)
        if not names:
            return ""
        values = ", ".join(f"{name} {str(given[name])[:_SHOWN]!r}" for name in names[:_MOST_NAMED])
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return f"the model knows nothing of {values}{more}: no item it learnt from has it, or only one"

    def _far_outside(self, given: Mapping[str, AttributeValue]) -> str:
        found = self._encoder.far_outside(given)[:_MOST_NAMED]
        usual = ", ".join(f"{name} of nearly all items is {low:g} to {high:g}" for name, low, high in found)
        return f"{usual}: is the value in the same unit?" if usual else ""

    def _lot(self, item: int, quantity: float | None) -> tuple[float, str]:
        if quantity is not None:
            return float(quantity), ""
        lot, own = self._known.lot(item)
        whose = "the item's" if own else "the plant's"
        return lot, f"no quantity was given: times are for {whose} usual lot of {lot:g}"

    def encode(self, asked: Sequence[Asked]) -> ItemTable:
        """Return one encoded row per query, in their order."""
        stored = [i for i, each in enumerate(asked) if each.given is None]
        sent = [i for i, each in enumerate(asked) if each.given is not None]
        tables = []
        if stored:
            tables.append(self._known.take(np.array([asked[i].item for i in stored])))
        if sent:
            tables.append(self._encoder.encode_rows([asked[i].given or {} for i in sent]))
        joined = concatenate(tables) if len(tables) > 1 else tables[0]
        return joined.take(_inverse(np.array(stored + sent))) if len(tables) > 1 else joined


def _inverse(order: Ints) -> Ints:
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.arange(len(order))
    return inverse


def _refused(code: str | None, status: PredictionStatus, message: str, quantity: float) -> ItemPrediction:
    return ItemPrediction(code, status, message, quantity)
