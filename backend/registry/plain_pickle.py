"""Pickles of plain data: containers, strings, numbers and numpy arrays; nothing that runs code.

An ordinary unpickler calls whatever the file names. This one knows the five names that numpy 2
writes for arrays, scalars and dtypes, and `complex`; everything else is refused.
"""

import io
import pickle
from collections.abc import Callable
from typing import Any, Final, NoReturn

import numpy as np
from numpy._core.multiarray import _reconstruct, scalar
from numpy._core.numeric import _frombuffer  # type: ignore[attr-defined] # private, and what pickles name

PROTOCOL: Final = 5


class PlainPickleError(ValueError):
    """The data holds something other than plain values, or is no pickle at all."""


def dump_plain(value: object) -> bytes:
    """Return the pickle of a plain value; raises PlainPickleError where load_plain would refuse it."""
    data = pickle.dumps(value, protocol=PROTOCOL)
    load_plain(data)
    return data


def load_plain(data: bytes) -> Any:
    """Return the value of a pickle of plain data; raises PlainPickleError for anything else.

    Check the digest of the bytes first: a flipped bit can crash any unpickler.
    """
    try:
        return _PlainUnpickler(io.BytesIO(data)).load()
    except PlainPickleError:
        raise
    except Exception as error:  # malformed opcodes raise nearly anything; all of it means "refused"
        raise PlainPickleError(f"{type(error).__name__}: {error}") from error


def _plain_scalar(dtype: "np.dtype[Any]", *data: Any) -> Any:
    """Make a numpy scalar; an object scalar would let the pickle choose what is behind it."""
    if dtype.hasobject:
        raise PlainPickleError("numpy scalar of objects")
    return scalar(dtype, *data)


_ALLOWED: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("builtins", "complex"): complex,
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "scalar"): _plain_scalar,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        try:
            return _ALLOWED[(module, name)]
        except KeyError:
            raise PlainPickleError(f"{module}.{name} is not plain data") from None

    def persistent_load(self, pid: Any) -> NoReturn:
        raise PlainPickleError(f"persistent reference {pid!r} is not plain data")
