"""Restriction of torch and BLAS to one thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

#: How many modules were loaded when the restriction was set; 0 outside of it.
_taken: ContextVar[int] = ContextVar("one_thread_taken", default=0)


@contextmanager
def one_thread() -> Iterator[None]:
    """Restrict torch and BLAS to one thread inside the context.

    The split of a product over threads decides its last bits and depends on what else is in the
    stack. Nets this small lose more time by waiting for threads than they gain, and worker
    processes would compete for the cores.
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
    """Restrict torch and BLAS to one thread for good, for a thread of a worker.

    With ``one_thread``, each of several concurrent calls in a process would restore its own earlier
    setting while others still run.
    """
    import torch

    torch.set_num_threads(1)
    _libraries(len(sys.modules)).limit(limits=1)


# the search takes milliseconds, and only an import can add a library
@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Return the controller of the BLAS libraries' threads; ``modules``: the cache key."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
