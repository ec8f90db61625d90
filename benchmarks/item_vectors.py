"""Items as one-hot vectors squeezed to 64 numbers, the way simple recommenders see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from backend.domain.plant import AttributeKind
from benchmarks.demo_task import DemoTask

DIMENSIONS: Final = 64
FITTED_ITEMS: Final = 20_000
_CHUNK: Final = 128
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ItemVectors:
    """A unit vector per item: of those that may be learnt from first, then of the judged held-out ones."""

    row_of: dict[str, int]
    learnt: int
    vectors: Vectors

    def of(self, codes: Sequence[str]) -> Vectors:
        """Return the vectors of some items."""
        return np.asarray(self.vectors[[self.row_of[code] for code in codes]])

    def nearest(self, codes: Sequence[str], among: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        """Return (item, rank) positions in `among`: rows of the most similar items by cosine, the best first."""
        candidates = self.vectors[among]
        found = []
        asked = self.of(codes)
        for start in range(0, len(asked), _CHUNK):
            similarity = asked[start : start + _CHUNK] @ candidates.T
            best = np.argpartition(-similarity, count - 1, axis=1)[:, :count]
            order = np.argsort(-np.take_along_axis(similarity, best, 1), axis=1, kind="stable")
            found.append(np.take_along_axis(best, order, 1))
        return np.concatenate(found).astype(np.int64)


def item_vectors(task: DemoTask) -> ItemVectors:
    """Return vectors of what may be learnt from and of what is asked; squeezed by what may be learnt from alone."""
    names = [attribute.name for attribute in task.plant.attributes]
    kinds = {attribute.name: attribute.kind for attribute in task.plant.attributes}
    learnt = task.plant.items.select("item_code", *names)
    asked = pl.DataFrame(
        [{"item_code": code, **values} for code, values in task.attributes.items()], schema=learnt.schema
    )
    frame = pl.concat([learnt, asked])
    columns = [
        _standardised(frame[name]) if kinds[name] is AttributeKind.NUMERIC else _one_hot(frame[name]) for name in names
    ]
    matrix = hstack(columns, format="csr")
    sample = np.random.default_rng(64).permutation(learnt.height)[:FITTED_ITEMS]
    squeeze = TruncatedSVD(DIMENSIONS, random_state=64).fit(matrix[np.sort(sample)])
    vectors = normalize(squeeze.transform(matrix)).astype(np.float32)
    return ItemVectors({code: row for row, code in enumerate(frame["item_code"])}, learnt.height, vectors)


def _one_hot(values: pl.Series) -> csr_matrix:
    """Return a column per value, an empty one included."""
    codes = values.fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    ones = np.ones(len(codes), dtype=np.float32)
    return csr_matrix((ones, codes, np.arange(len(codes) + 1)), shape=(len(codes), int(codes.max()) + 1))


def _standardised(values: pl.Series) -> csr_matrix:
    """Return the number, standardised (0 where missing), and whether it is there."""
    numbers = values.to_numpy().astype(np.float64)
    there = ~np.isnan(numbers)
    spread = float(numbers[there].std()) or 1.0 if there.any() else 1.0
    centred = np.where(there, (numbers - (numbers[there].mean() if there.any() else 0.0)) / spread, 0.0)
    return csr_matrix(np.column_stack([np.clip(centred, -5, 5), there]).astype(np.float32))
