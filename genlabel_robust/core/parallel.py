"""The same work on several things, in processes of one thread each."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from genlabel_robust.core.threads import one_thread

Key = TypeVar("Key", bound=Hashable)
Argument = TypeVar("Argument")
Result = TypeVar("Result")


def as_completed(
    work: Callable[[Argument], Result], arguments: Mapping[Key, Argument], jobs: int | None
) -> Iterator[tuple[Key, Result]]:
    """Yield the key and the result of ``work`` for each of ``arguments``, as they end.

    They are begun in their order. ``jobs``: processes, None for one per core; with one, the
    work is done in this process. An exception, Ctrl-C among them, stops all processes.
    """
    from joblib import Parallel, cpu_count, delayed, parallel_config
    from joblib.externals.loky import get_reusable_executor

    n_jobs = min(jobs or cpu_count(), len(arguments))
    if n_jobs <= 1:
        yield from (_one(work, *item) for item in arguments.items())
        return
    tasks = (delayed(_one)(work, key, argument) for key, argument in arguments.items())
    try:
        with parallel_config("loky", inner_max_num_threads=1):
            parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
            yield from parallel(tasks)
    except BaseException:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _one(work: Callable[[Argument], Result], key: Key, argument: Argument) -> tuple[Key, Result]:
    with one_thread():
        return key, work(argument)
