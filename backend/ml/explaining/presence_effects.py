"""How much each attribute moves an operation in or out.

A network is asked again without knowing the attribute; trees tell by the paths to their leaves.
"""

from typing import Final, Protocol

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged, product_by_row, run_starts
from backend.ml.items.features import FeatureMap
from backend.ml.items.known_items import KnownItems
from backend.ml.operations.item_space import ItemSpace, Seen
from backend.ml.operations.presence import LIMIT, PresenceNetwork
from backend.ml.operations.presence_trees import PresenceTrees
from backend.ml.trees.tree_paths import TreePaths

_CHUNK: Final = 50
_USUAL_ITEMS: Final = 2000


class PresenceEffects(Protocol):
    """Tells what moves operations in or out."""

    def of(self, seen: Seen, query: Ints, label: Ints) -> Floats:
        """Return by how much each attribute (columns) raises the log-odds, per asked (query, label) pair.

        `seen` has a row per query; `query` is ascending.
        """


def presence_effects(space: ItemSpace, known: KnownItems) -> PresenceEffects:
    """Return what explains the presence model of a space."""
    if isinstance(space.presence, PresenceTrees):
        groups, count = space.features.tree_attributes(space.encoder), len(space.encoder.columns)
        return TreeEffects(space.presence, TreePaths.of(space.presence.packed_model.text(), groups, count))
    sample = known.take(np.arange(0, len(known.codes), max(len(known.codes) // _USUAL_ITEMS, 1)))
    usual = space.features.network_inputs(space.encoder.code_columns(sample), sample)
    return NetworkEffects(space.presence, space.features, usual)


class TreeEffects:
    """Adds up the steps of the paths that trees take."""

    def __init__(self, trees: PresenceTrees, paths: TreePaths) -> None:
        self._trees = trees
        self._paths = paths
        self._place = np.full(len(trees.shares), -1, dtype=np.int64)
        self._place[trees.labels] = np.arange(len(trees.labels))
        self._row = trees.trees.leaf + paths.first_leaf[:, None]
        """(tree, position of a leaf from the left): its row of the paths' moves."""

    def of(self, seen: Seen, query: Ints, label: Ints) -> Floats:
        """See PresenceEffects; what no tree tells of is moved by nothing."""
        moved = np.zeros((len(query), self._paths.count), dtype=np.float32)
        told = (self._place[label] >= 0).nonzero()[0]
        followed = self._trees.trees.follow(seen.by_trees()) if seen.followed is None else seen.followed
        outputs = len(self._trees.labels)
        for start in range(0, len(told), _CHUNK):
            pairs = told[start : start + _CHUNK]
            tree = self._place[label[pairs]][:, None] + np.arange(0, len(followed), outputs)
            # laid out flat, both are read in half the time
            ends = followed.ravel()[tree * followed.shape[1] + query[pairs, None]]
            moved[pairs] = self._paths.moved(self._row.ravel()[tree * self._row.shape[1] + ends])
        return moved


class NetworkEffects:
    """Compares the network's log-odds with those of an item whose attribute is the usual mixture."""

    def __init__(self, network: PresenceNetwork, features: FeatureMap, usual: Ragged) -> None:
        """`usual` holds the network inputs of some ordinary items: what an attribute is like on average."""
        self._network = network
        self._column = _columns(features)
        self._columns = len(features.inputs)
        share = np.bincount(usual.values, minlength=features.input_count) / max(len(usual), 1)
        mixture = np.zeros((self._columns, network.first.shape[1]), dtype=np.float32)
        np.add.at(mixture, self._column, (network.first * share[:, None]).astype(np.float32))
        self._mixture = mixture

    def of(self, seen: Seen, query: Ints, label: Ints) -> Floats:
        """See PresenceEffects."""
        found = np.zeros((len(query), self._columns), dtype=np.float32)
        inputs = seen.by_network()
        for start in range(0, len(inputs), _CHUNK):
            end = min(start + _CHUNK, len(inputs))
            first, last = query.searchsorted((start, end)).tolist()
            moved = self._moved(inputs.span(start, end))
            found[first:last] = moved[query[first:last] - start, :, label[first:last]]
        return found

    def _moved(self, inputs: Ragged) -> Floats:
        """Return (query, attribute, label): log-odds minus log-odds without the attribute."""
        network = self._network
        parts = np.zeros((len(inputs) * self._columns, network.first.shape[1]), dtype=np.float32)
        place = inputs.row_of_values() * self._columns + self._column[inputs.values]
        order = place.argsort(kind="stable")
        ordered = place[order]
        begins = run_starts(ordered)
        rows = network.first[inputs.values[order]]
        parts[ordered[begins]] = rows[begins]
        ends = np.append(begins, len(ordered))[1:]
        several = (ends - begins > 1).nonzero()[0]  # words of a text; np.add.reduceat takes three times as long
        for at, begin, end in np.array([ordered[begins], begins, ends])[:, several].T.tolist():
            np.add.reduce(rows[begin:end], axis=0, out=parts[at])
        of_attributes = parts.reshape(len(inputs), self._columns, -1)
        whole = of_attributes.sum(axis=1) + network.first_bias
        without = np.maximum(whole[:, None, :] - of_attributes + self._mixture, 0.0)
        odds = product_by_row(np.maximum(whole, 0.0), network.second) + network.bias
        return _limited(odds)[:, None, :] - _limited(without @ network.second + network.bias)


def _columns(features: FeatureMap) -> Ints:
    """Return which attribute each network input belongs to."""
    column = np.zeros(features.input_count, dtype=np.int64)
    for number, (codes, tokens) in enumerate(zip(features.inputs, features.token_inputs, strict=True)):
        column[codes[codes >= 0]] = number
        column[tokens[tokens >= 0]] = number
    return column


def _limited(log_odds: Floats) -> Floats:
    return np.asarray(np.minimum(np.maximum(log_odds, -LIMIT), LIMIT))  # np.clip takes four times as long for one item
