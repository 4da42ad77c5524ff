"""The same work on several things, in processes of one thread each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from genlabel_robust.core.threads import one_thread
from genlabel_robust.paper.protocol import OnProgress

Key = TypeVar("Key", bound=Hashable)
Argument = TypeVar("Argument")
Result = TypeVar("Result")


def each(
    work: Callable[[Argument], Result],
    arguments: Mapping[Key, Argument],
    jobs: int | None,
    on_progress: OnProgress | None,
) -> dict[Key, Result]:
    """Return the result of ``work`` for each of ``arguments``, which are begun in their order.

    ``jobs``: processes, None for one per core. ``on_progress`` is told their keys.
    """
    found: dict[Key, Result] = {}
    for key, result in _computed(work, arguments, jobs):
        found[key] = result
        if on_progress is not None:
            label = " ".join(key) if isinstance(key, tuple) else str(key)
            on_progress(label, len(found), len(arguments))
    return {key: found[key] for key in arguments}


def _computed(
    work: Callable[[Argument], Result], arguments: Mapping[Key, Argument], jobs: int | None
) -> Iterator[tuple[Key, Result]]:
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
