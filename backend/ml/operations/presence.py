"""Which operations an item needs: one small network with a log-odds output per operation."""

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints, Ragged, product_by_row, smallest_ints
from backend.ml.history.routing_book import RoutingBook

HIDDEN: Final = 128
MAX_LABELS: Final = 512
MAX_ORDERS: Final = 8
LEAST_EITHER_WAY: Final = 50
"""Items that have two operations one way round, and items that have them the other way: fewer are exceptions."""
_REACH: Final = 8
"""Operations further apart are not compared: long routings would cost too much."""
LIMIT: Final = 7.0
"""Log-odds are clipped here: beyond it the network only guesses how sure it is."""
_CHUNK: Final = 50
"""Rows at once: the inputs of more do not stay in the processor's cache, which takes ten times as long."""
_VISITS: Final = 250_000
_STEPS: Final = 1000
_EPOCHS: Final = 8
"""Training ends after so many item visits or steps, but every item is seen 8 times: more learns noise."""
_DENSE_CELLS: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class PresenceLabels:
    """An output per operation, one more for each time an operation is repeated in a routing, then the orders."""

    of_sequence: Ragged
    """Label numbers per sequence of the routing book."""
    count: int
    operation: Ints
    orders: Ints
    """(order, 2): labels that come in either order; the output is for the first before the second, if both come."""
    order_of_sequence: Ints
    """(sequence, order): 1 as in `orders`, -1 the other way round, 0 where one of the two does not come."""

    @property
    def outputs(self) -> int:
        """Return how many outputs there are: for labels, then for orders."""
        return self.count + len(self.orders)

    @classmethod
    def fit(cls, book: RoutingBook, item_labels: Ints) -> "PresenceLabels":
        """Give numbers to the (operation, occurrence) pairs, most used first."""
        key = book.sequences.values.astype(np.int64) * 1024 + np.minimum(book.occurrences(), 1023)
        uses = np.bincount(item_labels[item_labels >= 0], minlength=len(book.sequences))
        distinct, where = np.unique(key, return_inverse=True)
        weight = np.bincount(where, weights=uses[book.sequences.row_of_values()])
        kept = np.sort(np.argsort(-weight, kind="stable")[:MAX_LABELS])
        number = np.full(len(distinct), -1, dtype=np.int32)
        number[kept] = np.arange(len(kept))
        values, rows = number[where], book.sequences.row_of_values()
        ragged = Ragged.from_rows(rows[values >= 0], values[values >= 0], len(book.sequences))
        return cls._with_orders(ragged, (distinct[kept] // 1024).astype(np.int32), _orders(ragged, uses, len(kept)))

    @classmethod
    def from_parts(cls, of_sequence: dict[str, Any], operation: Ints, orders: Ints) -> "PresenceLabels":
        """Read the parts that a bundle holds."""
        return cls._with_orders(Ragged.from_parts(of_sequence), operation, orders)

    def to_parts(self) -> dict[str, Any]:
        """Return the plain arrays of `of_sequence`."""
        return Ragged(self.of_sequence.offsets, smallest_ints(self.of_sequence.values)).to_parts()

    @classmethod
    def _with_orders(cls, of_sequence: Ragged, operation: Ints, orders: Ints) -> "PresenceLabels":
        either = np.zeros((len(of_sequence), len(orders)), dtype=np.int8)
        for number, (one, other) in enumerate(orders.tolist()):
            first, second = (_places(of_sequence, label) for label in (one, other))
            both = (first >= 0) & (second >= 0)
            either[both, number] = np.where(first < second, 1, -1)[both]
        return cls(of_sequence, len(operation), operation, orders, either)

    def matrix(self, sequences: Ints) -> Floats:
        """Return one row of 0 / 1 per asked sequence."""
        taken = self.of_sequence.take(sequences)
        matrix = np.zeros((len(sequences), self.count), dtype=np.uint8)
        matrix[taken.row_of_values(), taken.values] = 1
        return matrix

    def answers(self, sequences: Ints) -> tuple[Floats, Flags]:
        """Return one row of 0 / 1 per asked sequence with a column per output, and which of these say anything."""
        either = self.order_of_sequence[sequences]
        applies = np.hstack([np.ones((len(sequences), self.count), dtype=bool), either != 0])
        return np.hstack([self.matrix(sequences), (either > 0).astype(np.uint8)]), applies


def _places(rows: Ragged, value: int) -> Ints:
    """Return where in each row a value stands, -1 where it does not."""
    places = np.full(len(rows), -1, dtype=np.int64)
    found = np.flatnonzero(rows.values == value)
    owner = np.searchsorted(rows.offsets, found, side="right") - 1
    places[owner] = found - rows.offsets[owner]
    return places


def _orders(rows: Ragged, uses: Ints, count: int) -> Ints:
    """Return the pairs of labels that many items have in either order, those first that differ most."""
    row, values = rows.row_of_values(), rows.values.astype(np.int64)
    before = np.zeros(count * count)
    for step in range(1, min(_REACH, len(row) - 1) + 1):
        same = np.flatnonzero(row[step:] == row[:-step])
        pair = values[same] * count + values[same + step]
        before += np.bincount(pair, weights=uses[row[same]], minlength=count * count)
    table = before.reshape(count, count)
    rarer = np.triu(np.minimum(table, table.T), 1).ravel()
    found = np.argsort(-rarer, kind="stable")[:MAX_ORDERS]
    found = found[rarer[found] >= LEAST_EITHER_WAY]
    return np.stack([found // max(count, 1), found % max(count, 1)], axis=1)


@dataclass(frozen=True, slots=True)
class PresenceNetwork:
    """One hidden layer with rectifiers; outputs that never vary in training are constants."""

    first: Floats
    first_bias: Floats
    second: Floats
    bias: Floats

    def log_odds(self, inputs: Ragged) -> Floats:
        """Return the log-odds of every label for each row of switched-on inputs."""
        blocks = [
            self._block(inputs.span(start, min(start + _CHUNK, len(inputs)))) for start in range(0, len(inputs), _CHUNK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros((0, len(self.bias)), np.float32)

    def _block(self, inputs: Ragged) -> Floats:
        hidden = np.zeros((len(inputs), len(self.first_bias)), dtype=np.float32)
        filled = np.flatnonzero(inputs.lengths())
        if len(filled):
            hidden[filled] = np.add.reduceat(self.first[inputs.values], inputs.offsets[filled], axis=0)
        hidden += self.first_bias
        np.maximum(hidden, 0, out=hidden)
        odds = product_by_row(hidden, self.second) + self.bias
        return np.asarray(np.clip(odds, -LIMIT, LIMIT), dtype=np.float32)

    def with_constants(self, log_odds: Floats) -> "PresenceNetwork":
        """Return a network with more outputs, which are always the same."""
        second = np.hstack([self.second, np.zeros((len(self.second), len(log_odds)), np.float32)])
        return PresenceNetwork(self.first, self.first_bias, second, np.concatenate([self.bias, log_odds]))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "first": self.first.astype(np.float16),
            "first_bias": self.first_bias,
            "second": self.second,
            "bias": self.bias,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "PresenceNetwork":
        """Read what to_parts wrote."""
        return cls(parts["first"].astype(np.float32), parts["first_bias"], parts["second"], parts["bias"])


def fit_network(inputs: Ragged, targets: Floats, input_count: int, seed: int) -> PresenceNetwork:
    """Train on items whose routing is known; deterministic for a seed."""
    share = targets.mean(axis=0) if len(targets) else np.zeros(targets.shape[1])
    varies = np.flatnonzero((share > 0) & (share < 1))
    bias = np.where(share >= 0.5, LIMIT, -LIMIT).astype(np.float32)
    second = np.zeros((HIDDEN, targets.shape[1]), dtype=np.float32)
    first, first_bias = np.zeros((input_count, HIDDEN), np.float32), np.zeros(HIDDEN, np.float32)
    if len(varies) and input_count:
        first, second[:, varies], first_bias, bias[varies] = _fit(inputs, targets[:, varies], input_count, seed)
    # what is served is what was trained and calibrated: float16 is applied before anything is measured
    return PresenceNetwork(first.astype(np.float16).astype(np.float32), first_bias, second, bias)


def _fit(inputs: Ragged, targets: Floats, input_count: int, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - 60 MB that serving does not need
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    rows = len(inputs)
    ones = np.ones(len(inputs.values), dtype=np.float32)
    design = csr_matrix((ones, inputs.values, inputs.offsets), shape=(rows, input_count))
    if rows * input_count <= _DENSE_CELLS:
        design = design.toarray()  # sparse slices cost more than they save
    batch = min(int(np.clip(rows // 40, 8, 256)), rows)
    network = MLPClassifier(
        hidden_layer_sizes=(HIDDEN,),
        alpha=1e-2,
        batch_size=batch,
        learning_rate_init=3e-3,
        max_iter=max(min(_VISITS, _STEPS * batch) // rows, _EPOCHS),
        n_iter_no_change=1000,
        random_state=seed,
    )
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are chosen, not run to convergence
        # not int8: scikit-learn numbers the labels in the type of the targets, and there may be hundreds
        network.fit(design, (targets if targets.shape[1] > 1 else targets[:, 0]).astype(np.int16))
    first, second = (layer.astype(np.float32) for layer in network.coefs_)
    first_bias, bias = (layer.astype(np.float32) for layer in network.intercepts_)
    return first, second, first_bias, bias
