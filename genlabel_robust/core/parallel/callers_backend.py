"""Calls on the joblib backend that the caller's ``parallel_config`` names."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.parallel.engine import Call, carried_out

#: How many calls each worker has in a round, where a backend gives results by rounds only.
_OF_A_ROUND = 4


@dataclass(frozen=True)
class CallersBackend:
    """The active backend of joblib: threads, dask, ray, or whatever is registered there.

    ``jobs``: how many calls at once, as joblib counts them; a cluster's backend may know better.
    """

    backend: Any
    jobs: int

    def workers(self) -> int:
        """Return how many calls the backend carries out at the same time."""
        return int(self.backend.effective_n_jobs(self.jobs))

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield what each call gives; see ``Engine``."""
        from joblib import Parallel, delayed

        # calls in threads of this process would each give back the threads that it had before
        with one_thread():
            if self.backend.supports_return_generator:
                parallel = Parallel(n_jobs=self.jobs, return_as="generator_unordered", batch_size=1)
                yield from parallel(delayed(carried_out)(call) for call in calls)
                return
            size = _OF_A_ROUND * self.workers()
            while batch := list(islice(calls, size)):
                parallel = Parallel(n_jobs=self.jobs, batch_size=1)
                yield from parallel(delayed(carried_out)(call) for call in batch)
