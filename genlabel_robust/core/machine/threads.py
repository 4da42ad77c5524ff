"""One thread for torch and BLAS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

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

    before = torch.get_num_threads()
    if before == 1 and _taken.get() == len(sys.modules):
        yield
        return
    torch.set_num_threads(1)
    libraries = _libraries(len(sys.modules))
    token = _taken.set(len(sys.modules))
    try:
        with libraries.limit(limits=1):
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

    torch.set_num_threads(1)
    _libraries(len(sys.modules)).limit(limits=1)


# to look for them takes milliseconds, and only an import brings a new one
@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Return what sets the threads of BLAS libraries; ``modules``: how many are loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
