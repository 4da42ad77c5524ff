"""Parallel calls of one function, wherever the processes are."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from genlabel_robust.core.admitted import Part, admitted
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.parallel.callers_backend import CallersBackend
from genlabel_robust.core.parallel.engine import Call, Engine, one_of_several
from genlabel_robust.core.parallel.local import Processes
from genlabel_robust.core.parallel.packing import Packed, WithParts, forget, new_group, packed

if TYPE_CHECKING:
    from genlabel_robust.core.parallel.cluster import Cluster

Key = TypeVar("Key", bound=Hashable)
Argument = TypeVar("Argument")
Data = TypeVar("Data")
Result = TypeVar("Result")

#: The cluster of ``on_cluster``, None outside of its context.
_cluster: ContextVar["Cluster | None"] = ContextVar("cluster", default=None)


def as_completed(
    work: Callable[[Argument], Result], arguments: Mapping[Key, Argument], jobs: int | None
) -> Iterator[tuple[Key, Result]]:
    """Yield the key and the result of ``work`` for each of ``arguments``, as they finish.

    See ``as_completed_with``.
    """
    yield from as_completed_with(partial(_alone, work), arguments, dict.fromkeys(arguments), jobs)


def as_completed_with(
    work: Callable[[Argument, Data], Result],
    arguments: Mapping[Key, Argument],
    data: Mapping[Key, Data],
    jobs: int | None,
    wanted: Callable[[Key], bool] = lambda key: True,
) -> Iterator[tuple[Key, Result]]:
    """Yield the key and the result of ``work(argument, data)`` for each key, as they finish.

    Calls start in the order of ``arguments``, in processes of one thread each: on the cluster of
    ``on_cluster``, on the backend of the caller's ``joblib.parallel_config``, or else on this host.
    ``data``: what the work of a key needs besides its argument; an object that several keys share
    is sent to a process once. ``jobs``: how many run at once, None for one per core. With one job,
    and inside a call that an engine runs beside others, the work is done in this process.
    ``wanted`` is asked before each start; keys that are not wanted are left out. An exception,
    including Ctrl-C, ends all of them.
    """
    engine = _engine(jobs, len(arguments))
    if engine is None:
        for key, argument in arguments.items():
            if wanted(key):
                with one_thread():
                    result = work(argument, data[key])
                yield key, result
        return
    group, parts = new_group(), admitted()
    try:
        yield from engine.carry_out(_calls(work, arguments, data, wanted, group, parts))
    finally:
        forget()


def _calls(
    work: Callable[[Argument, Data], Result],
    arguments: Mapping[Key, Argument],
    data: Mapping[Key, Data],
    wanted: Callable[[Key], bool],
    group: str,
    parts: tuple[Part, ...],
) -> Iterator[Call]:
    sent: dict[int, Packed] = {}
    for key, argument in arguments.items():
        if not wanted(key):
            continue
        own = data[key]
        if id(own) not in sent:
            whole = WithParts(own, parts) if parts else own
            sent[id(own)] = packed(whole, group, len(sent))
        yield Call(work, key, argument, sent[id(own)])


def workers(jobs: int | None) -> int:
    """Return how many calls run at once; ``jobs``: the maximum, None for no limit."""
    engine = _engine(jobs, None)
    return 1 if engine is None else engine.workers()


def processes_here(jobs: int | None) -> int:
    """Return how many processes of this host run calls, 0 if they run elsewhere or in this one."""
    engine = _engine(jobs, None)
    return engine.workers() if isinstance(engine, Processes) else 0


@contextmanager
def on_cluster(address: str | None) -> Iterator[None]:
    """Run calls inside the context on the dask cluster with the scheduler at ``address``.

    None for no cluster. The versions of its workers are compared with this host's first. Raises
    ``UsageError`` if the scheduler does not answer, has no workers, or their versions differ.
    """
    if address is None:
        yield
        return
    from genlabel_robust.core.parallel.cluster import connected

    with connected(address) as cluster:
        token = _cluster.set(cluster)
        try:
            yield
        finally:
            _cluster.reset(token)


def _engine(jobs: int | None, count: int | None) -> Engine | None:
    """Return the engine for ``count`` calls, None if this process runs them itself."""
    if one_of_several() or count == 0:
        return None
    if (cluster := _cluster.get()) is not None:
        return cluster.limited(jobs)
    from joblib import parallel

    backend, configured = parallel.get_active_backend()
    jobs = jobs or configured or -1
    if isinstance(backend, parallel.BACKENDS["loky"]):
        processes = int(backend.effective_n_jobs(jobs))
        processes = processes if count is None else min(processes, count)
        return Processes(processes) if processes > 1 else None
    engine = CallersBackend(backend, jobs)
    return engine if engine.workers() > 1 else None


def _alone(work: Callable[[Argument], Result], argument: Argument, data: Any) -> Result:
    return work(argument)
