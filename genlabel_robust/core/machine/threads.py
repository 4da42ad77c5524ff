"""One thread for torch and BLAS."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: How many modules were loaded when the one thread was taken; 0 outside.
_taken: ContextVar[int] = ContextVar("one_thread_taken", default=0)


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
    # to look for BLAS libraries takes milliseconds, and an import alone can bring a new one
    if before == 1 and _taken.get() == len(sys.modules):
        yield
        return
    torch.set_num_threads(1)
    token = _taken.set(len(sys.modules))
    try:
        with threadpool_limits(1):
            yield
    finally:
        _taken.reset(token)
        torch.set_num_threads(before)


def stay_on_one_thread() -> None:
    """Set torch and BLAS to one thread for good, as a worker's own thread does.

    Of calls side by side in one process each would else give back, while others still run, what
    it had before.
    """
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1)
