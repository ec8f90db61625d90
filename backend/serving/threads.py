"""What the threads of a server share: matrix products in one thread each, and one heap, kept small."""

import ctypes
import sys
from typing import Final

from threadpoolctl import threadpool_limits

_ARENA_MAX, _TRIM_THRESHOLD, _MMAP_THRESHOLD = -8, -1, -3
"""Names of options in glibc's malloc.h, without their M_."""
_KEPT_BYTES: Final = 4 * 2**20
"""So much free memory at the end of the heap stays with the process; what is larger lies outside the heap."""


def use_one_blas_thread() -> None:
    """Keep every matrix product of this process in its own thread.

    The matrices of a prediction are too small to share: helpers that spin between them would take the cores
    from other requests.
    """
    threadpool_limits(limits=1, user_api="blas")


def share_one_heap() -> None:
    """Let all threads of this process allocate from one heap, where the C library is glibc.

    Each thread would have a heap of its own that keeps what its largest request needed: 30 MB of a server at a
    large plant. Only one thread runs Python at a time, so they do not wait for each other here. What is freed goes back
    to the operating system: else glibc would take the largest piece of a bundle as a measure of what is worth keeping.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENA_MAX, 1)
            mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
            mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)


def return_freed_memory() -> None:
    """Give the operating system what was freed, where the C library is glibc.

    Reading a model frees many pieces among those that stay; glibc would keep them: 11 MB at a large plant.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
