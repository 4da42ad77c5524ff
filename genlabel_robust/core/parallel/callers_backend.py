"""Calls on the joblib backend that the caller selected by ``parallel_config``."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.parallel.engine import Call, carried_out

#: Calls per worker and round, for backends that return results only round by round.
_OF_A_ROUND = 4


@dataclass(frozen=True)
class CallersBackend:
    """The active joblib backend: threads, dask, ray, or any other that is registered.

    ``jobs``: how many calls run at once, in joblib's counting; a cluster's backend may override it.
    """

    backend: Any
    jobs: int

    def workers(self) -> int:
        """Return how many calls the backend runs at the same time."""
        return int(self.backend.effective_n_jobs(self.jobs))

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the result of each call; see ``Engine``."""
        from joblib import Parallel, delayed

        # each call in a thread of this process would restore the setting that it found
        with one_thread():
            if self.backend.supports_return_generator:
                parallel = Parallel(n_jobs=self.jobs, return_as="generator_unordered", batch_size=1)
                yield from parallel(delayed(carried_out)(call) for call in calls)
                return
            size = _OF_A_ROUND * self.workers()
            while batch := list(islice(calls, size)):
                parallel = Parallel(n_jobs=self.jobs, batch_size=1)
                yield from parallel(delayed(carried_out)(call) for call in batch)
