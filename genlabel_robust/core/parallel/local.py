"""Calls in processes of this host, one thread each."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from genlabel_robust.core.errors import UnfinishedRunError
from genlabel_robust.core.parallel.engine import Call, carried_out
from genlabel_robust.core.parallel.orphans import end_with


@dataclass(frozen=True)
class Processes:
    """So many processes, which stay for the next calls."""

    count: int

    def workers(self) -> int:
        """Return how many processes there are."""
        return self.count

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield what each call gives; see ``Engine``."""
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky import get_reusable_executor
        from joblib.externals.loky.process_executor import BrokenProcessPool

        try:
            with parallel_config("loky", inner_max_num_threads=1):
                parallel = Parallel(
                    n_jobs=self.count, return_as="generator_unordered", batch_size=1
                )
                yield from parallel(delayed(_for)(os.getpid(), call) for call in calls)
        except BrokenProcessPool as error:
            raise UnfinishedRunError(
                "a process was killed, as the system does when memory runs out; finished work is "
                "kept: repeat the command, with fewer --jobs if memory is scarce"
            ) from error
        except BaseException:
            get_reusable_executor().shutdown(wait=False, kill_workers=True)
            raise


def _for(parent: int, call: Call) -> tuple[Any, Any]:
    """Carry out ``call`` for the process ``parent``, and end when that ends."""
    end_with(parent)
    return carried_out(call)
