"""One thread for torch and BLAS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch and BLAS on one thread inside, and as before after it.

    How a product is split over threads decides its last bits and depends on what
    else is in the stack; nets this small wait longer for threads than they gain, and
    worker processes would fight over the cores.
    """
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
