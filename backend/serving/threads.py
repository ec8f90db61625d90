"""What the threads of a server share: matrix products in one thread each, and one heap, kept small."""

import ctypes
import sys
from typing import Final

from threadpoolctl import threadpool_limits

_ARENA_MAX: Final = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def use_one_blas_thread() -> None:
    """Keep every matrix product of this process in its own thread.

    The matrices of a prediction are too small to share: helpers that spin between them would take the cores
    from other requests.
    """
    threadpool_limits(limits=1, user_api="blas")


def share_one_heap() -> None:
    """Let all threads of this process allocate from one heap, where the C library is glibc.

    Each thread would have a heap of its own that keeps what its largest request needed: 30 MB of a server at a
    large plant. Only one thread runs Python at a time, so they do not wait for each other here.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENA_MAX, 1)


def return_freed_memory() -> None:
    """Give the operating system what was freed, where the C library is glibc.

    Reading a model frees many pieces among those that stay; glibc would keep them: 11 MB at a large plant.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
