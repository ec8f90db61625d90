"""How many threads a server's matrix products use."""

from threadpoolctl import threadpool_limits


def use_one_blas_thread() -> None:
    """Keep every matrix product of this process in its own thread.

    The matrices of a prediction are too small to share: helpers that spin between them would take the cores
    from other requests.
    """
    threadpool_limits(limits=1, user_api="blas")
