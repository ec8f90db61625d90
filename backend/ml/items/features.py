"""What the network and the trees see of encoded items."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.plant import AttributeKind
from backend.ml.common.arrays import Floats, Ints, Ragged, offsets_of
from backend.ml.items.encoding import FIRST, MISSING, ItemEncoder, ItemTable

MAX_VALUES: Final = 1000
TREE_CATEGORIES: Final = 200
TREE_TOKENS: Final = 16
_BLOCK: Final = 2048
"""Items whose categories are looked up at once."""


@dataclass(frozen=True)
class FeatureMap:
    """Which codes and tokens of each column count: the frequent ones, each with a number of its own.

    `inputs` maps a column's codes to the network's input numbers (-1: none), `token_inputs` its
    tokens; `categories` maps codes to the trees' categories and `tree_tokens` are tokens that the
    trees see as yes or no. `usual` is what the trees see where a number is missing that hardly ever was in
    training (one per column of tree_matrix): they would take it for 0. NaN: they have learnt what its absence means.
    """

    inputs: tuple[Ints, ...]
    token_inputs: tuple[Ints, ...]
    categories: tuple[Ints, ...]
    tree_tokens: tuple[Ints, ...]
    input_count: int
    usual: Floats

    @classmethod
    def fit(cls, encoder: ItemEncoder, table: ItemTable) -> "FeatureMap":
        """Choose by frequency among training items."""
        least = 3 if len(table) >= 500 else 1
        inputs, token_inputs, categories, tree_tokens, usual, start = [], [], [], [], [], 0
        for codes, column, tokens in zip(encoder.code_columns(table), encoder.columns, table.tokens, strict=True):
            counts = np.bincount(codes, minlength=column.bins) if column.bins else np.zeros(0, np.int64)
            words = np.bincount(tokens.values, minlength=len(column.vocabulary)) if tokens else np.zeros(0, np.int64)
            inputs.append(_numbered(counts, MAX_VALUES, least, start))
            start += int((inputs[-1] >= 0).sum())
            token_inputs.append(_numbered(words, MAX_VALUES, least, start))
            start += int((token_inputs[-1] >= 0).sum())
            categories.append(_numbered(counts, TREE_CATEGORIES, least, 0))
            useful = np.where(words <= 0.9 * len(table), words, 0)
            tree_tokens.append(np.flatnonzero(_numbered(useful, TREE_TOKENS, max(least, len(table) // 500), 0) >= 0))
            is_known = len(column.edges) > 0 and counts[MISSING] < least
            middle = float(column.edges[len(column.edges) // 2]) if is_known else np.nan
            usual += [middle] if column.bins else [np.nan] * len(tree_tokens[-1])
        filled = np.array(usual, dtype=np.float32)
        return cls(tuple(inputs), tuple(token_inputs), tuple(categories), tuple(tree_tokens), start, filled)

    @cached_property
    def _by_code(self) -> tuple[Ints, Ints, Ints]:
        """Columns with codes, where each one's numbers begin among those of all, and these."""
        coded = np.array([i for i, numbers in enumerate(self.inputs) if len(numbers)], dtype=np.int64)
        starts = offsets_of(np.array([len(self.inputs[i]) for i in coded], dtype=np.int64))[:-1, None]
        return coded, starts, np.concatenate([np.zeros(0, np.int32), *(self.inputs[i] for i in coded)])

    @cached_property
    def _by_token(self) -> tuple[Ints, Ints, Ints]:
        """Where each column's tokens begin among those of all; for each the network's input and the trees' column.

        Tokens that do not count have -1.
        """
        sizes = [
            max(len(of), int(seen.max(initial=-1)) + 1)
            for of, seen in zip(self.token_inputs, self.tree_tokens, strict=True)
        ]
        starts = offsets_of(np.array(sizes, dtype=np.int64))
        inputs, columns = np.full((2, starts[-1]), -1)
        for start, of, seen, at in zip(
            starts.tolist(), self.token_inputs, self.tree_tokens, self._tree_starts.tolist(), strict=False
        ):
            inputs[start : start + len(of)] = of
            columns[start + seen] = at + np.arange(len(seen))
        return starts, inputs, columns

    @cached_property
    def _token_starts(self) -> list[int]:
        starts: list[int] = self._by_token[0].tolist()
        return starts

    @cached_property
    def _tree_starts(self) -> Ints:
        """The first column of tree_matrix of each column, and how many there are; texts have one per token."""
        widths = [1 if len(codes) else len(seen) for codes, seen in zip(self.inputs, self.tree_tokens, strict=True)]
        return offsets_of(np.array(widths, dtype=np.int64))

    @cached_property
    def _by_category(self) -> tuple[Ints, Ints]:
        """Where each column's codes begin among those of all, and the trees' category of each."""
        begins = offsets_of(np.array([len(each) for each in self.categories], dtype=np.int64))
        return begins, np.concatenate([np.zeros(0, np.int32), *self.categories])

    def _tokens(self, table: ItemTable) -> tuple[Ints, Ints]:
        """Return item and number (among the tokens of all columns) of all tokens of a table."""
        every = zip(self._token_starts, table.tokens, strict=False)
        texts = [(start, tokens) for start, tokens in every if tokens is not None]
        owners = [tokens.row_of_values() for _, tokens in texts]
        numbers = [tokens.values + start for start, tokens in texts]
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *owners]), np.concatenate([none, *numbers])

    def network_inputs(self, codes: Ints, table: ItemTable) -> Ragged:
        """Return the numbers of the network inputs that are on, per item; `codes` are the table's code_columns."""
        coded, starts, of_code = self._by_code
        token_owner, token = self._tokens(table)
        owner = np.concatenate([np.arange(len(table)).repeat(len(coded)), token_owner])
        number = np.concatenate([of_code[(codes[coded] + starts).T.ravel()], self._by_token[1][token]])
        known = (number >= 0).nonzero()[0]
        owner, number = owner[known], number[known]
        order = owner.argsort(kind="stable")
        return Ragged(offsets_of(np.bincount(owner, minlength=len(table))), number[order])

    def tree_columns(self, encoder: ItemEncoder) -> list[bool]:
        """Return for each column of tree_matrix whether it holds categories."""
        flags = []
        for column, tokens in zip(encoder.columns, self.tree_tokens, strict=True):
            if column.attribute.kind is AttributeKind.TEXT:
                flags += [False] * len(tokens)
            else:
                flags.append(column.attribute.kind is AttributeKind.CATEGORICAL)
        return flags

    def tree_attributes(self, encoder: ItemEncoder) -> list[int]:
        """Return for each column of tree_matrix which of the encoder's columns it was made of."""
        texts = [column.attribute.kind is AttributeKind.TEXT for column in encoder.columns]
        widths = [len(tokens) if text else 1 for text, tokens in zip(texts, self.tree_tokens, strict=True)]
        return np.repeat(np.arange(len(widths)), widths).tolist()

    def tree_matrix(self, encoder: ItemEncoder, table: ItemTable, codes: Ints | None = None) -> Floats:
        """Return what the trees see: categories as whole numbers, numbers as they are, tokens as 0 / 1.

        `codes` are the table's code_columns, where they are there already.
        """
        matrix = np.zeros((len(table), self._tree_starts[-1]), dtype=np.float32)
        if encoder.categorical:
            begins, categories = self._by_category
            named = encoder.categorical_rows
            begins, columns = begins[named, None], self._tree_starts[named]
            for start in range(0, len(table), _BLOCK):
                rows = slice(start, start + _BLOCK)
                if codes is None:
                    own = np.array([table.values[i][rows] for i in encoder.categorical], np.int64)
                else:
                    own = codes[:, rows].take(named, axis=0)
                matrix[rows, columns] = categories.take(own + begins).T
        if encoder.numeric:
            matrix[:, self._tree_starts[encoder.numeric_rows]] = np.array([table.values[i] for i in encoder.numeric]).T
        item, token = self._tokens(table)
        seen = self._by_token[2][token]
        known = (seen >= 0).nonzero()[0]
        matrix[item[known], seen[known]] = 1
        np.copyto(matrix, self.usual, where=np.isnan(matrix))
        return matrix

    def to_parts(self) -> dict[str, Any]:
        """Return plain lists of arrays."""
        return {
            "inputs": list(self.inputs),
            "token_inputs": list(self.token_inputs),
            "categories": list(self.categories),
            "tree_tokens": list(self.tree_tokens),
            "input_count": self.input_count,
            "usual": self.usual,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "FeatureMap":
        """Read what to_parts wrote."""
        return cls(
            tuple(parts["inputs"]),
            tuple(parts["token_inputs"]),
            tuple(parts["categories"]),
            tuple(parts["tree_tokens"]),
            parts["input_count"],
            parts["usual"],
        )


def _numbered(counts: Ints, most: int, least: int, start: int) -> Ints:
    """Give numbers to the most frequent codes from `start`; the rest get -1."""
    chosen = np.argsort(-counts, kind="stable")[: most + FIRST]
    chosen = np.sort(chosen[counts[chosen] >= least])
    numbers = np.full(len(counts), -1, dtype=np.int32)
    numbers[chosen] = np.arange(start, start + len(chosen))
    return numbers
