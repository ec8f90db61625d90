"""LightGBM models evaluated through the library's C interface.

Importing the lightgbm package pulls in scikit-learn and scipy (about 100 MB resident); a server
that only evaluates trees needs none of it, so the shared library is called directly.
"""

import ctypes
import sys
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats

_FLOAT32: Final = 0
_ROW_MAJOR: Final = 1
_VALUE: Final = 0
_NAMES: Final = {"win32": "lib_lightgbm.dll", "darwin": "lib_lightgbm.dylib"}
_PREDICT: Final = (
    *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int32, ctypes.c_int32),
    *(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_char_p),
    *(ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p),
)
"""Booster, matrix, type, rows, columns; order, kind, first tree, trees, parameters; how many were written, result."""


@dataclass(frozen=True, slots=True)
class PackedText:
    """A long text that is seldom asked for, in a third of the memory, in a process as in a bundle."""

    packed: bytes

    @classmethod
    def of(cls, text: str) -> "PackedText":
        """Pack a text."""
        return cls(zlib.compress(text.encode()))

    def text(self) -> str:
        """Return the text."""
        return zlib.decompress(self.packed).decode()


class Booster:
    """A tree model that LightGBM loads from its model string when it is first asked.

    Serving asks the trees in another way (see struck_leaves), and does without the library and what it would keep.
    """

    def __init__(self, packed: PackedText, threads: int = 1) -> None:
        self.packed_model: Final = packed
        """The model string."""
        self._parameter = f"num_threads={threads}".encode()

    @cached_property
    def _loaded(self) -> "_Loaded":
        return _Loaded(self.packed_model)

    def predict(self, rows: Floats) -> Floats:
        """Return one number per row."""
        matrix = np.ascontiguousarray(rows, dtype=np.float32)
        result = np.zeros(len(matrix), dtype=np.float64)
        if not len(matrix):
            return result
        written = ctypes.c_int64(0)
        _check(
            _library().LGBM_BoosterPredictForMat(
                self._loaded.handle,
                matrix.ctypes.data,
                _FLOAT32,
                *matrix.shape,
                _ROW_MAJOR,
                _VALUE,
                0,
                -1,
                self._parameter,
                ctypes.byref(written),
                result.ctypes.data,
            )
        )
        return result


class _Loaded:
    """What LightGBM keeps of a model."""

    def __init__(self, packed: PackedText) -> None:
        self.handle = ctypes.c_void_p()
        iterations = ctypes.c_int(0)
        _check(
            _library().LGBM_BoosterLoadModelFromString(
                packed.text().encode(), ctypes.byref(iterations), ctypes.byref(self.handle)
            )
        )

    def __del__(self) -> None:
        if self.handle and _library is not None:
            _library().LGBM_BoosterFree(self.handle)


_UNUSED: Final = ("tree_sizes", "split_gain", "leaf_weight", "leaf_count", "internal_weight", "internal_count")
"""Lines of a model string that neither answers nor reasons need; LightGBM reads it without them."""
_TREES_END: Final = "end of trees\n"


def bare_model(model: str) -> str:
    """Leave out of a model string what its trees do not need to answer, a third of it.

    How they were fitted is among that: trees are the same for any number of threads, it is not.
    """
    trees, end, _ = model.partition(_TREES_END)
    return "\n".join(line for line in trees.split("\n") if line.partition("=")[0] not in _UNUSED) + end


@cache
def _library() -> ctypes.CDLL:
    spec = find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("lightgbm is not installed; run 'pip install -r requirements.txt'")
    name = _NAMES.get(sys.platform, "lib_lightgbm.so")
    folder = Path(spec.origin).parent
    path = next((each for each in (folder / "lib" / name, folder / "bin" / name, folder / name) if each.exists()), None)
    if path is None:
        raise FileNotFoundError(f"{name} is not in {folder}; reinstall lightgbm")
    library = ctypes.CDLL(str(path))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    library.LGBM_BoosterPredictForMat.argtypes = _PREDICT
    return library


def _check(code: int) -> None:
    if code:
        raise RuntimeError(f"LightGBM refused: {_library().LGBM_GetLastError().decode()}")
