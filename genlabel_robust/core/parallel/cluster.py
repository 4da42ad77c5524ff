"""Calls on a dask cluster: data are sent once, and lost work is repeated."""

import asyncio
import logging
import pickle
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Self

from genlabel_robust.core.errors import (
    ConfigurationError,
    UnfinishedRunError,
    UsageError,
)
from genlabel_robust.core.machine.software import difference, software
from genlabel_robust.core.parallel.engine import Call, carried_out
from genlabel_robust.core.parallel.packing import Packed, pickled

#: Seconds to wait for the scheduler's answer, and again for the first worker.
_PATIENCE = 10.0
#: How many calls are submitted at once: the minimum, and the number per worker thread.
_LEAST, _OF_A_THREAD = 64, 4


class _DiffersError(Exception):
    """A worker's versions differ; the text says how. The driver receives it unchanged."""


@dataclass(frozen=True)
class Cluster:
    """A dask cluster; ``client`` is connected to the scheduler at ``address``.

    ``jobs``: how many calls run at once, None for one per thread of the workers.
    """

    client: Any
    address: str
    jobs: int | None = None

    def limited(self, jobs: int | None) -> Self:
        """Return the same cluster, limited to ``jobs`` calls at once."""
        return replace(self, jobs=jobs)

    def workers(self) -> int:
        """Return how many calls run at the same time."""
        threads: int = sum(self.client.nthreads().values())
        return max(min(threads, self.jobs or threads), 1)

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the result of each call; see ``Engine``.

        If a worker is lost, another one repeats its call.
        """
        from distributed import as_completed

        pending = as_completed(with_results=True, raise_errors=False, loop=self.client.loop)
        sent: dict[tuple[str, int], Any] = {}
        going: set[Any] = set()
        try:
            while True:
                for call in calls:
                    going.add(future := self._begun(call, sent))
                    pending.add(future)
                    if len(going) >= self._window():
                        break
                if not going:
                    return
                future, outcome = next(pending)
                going.discard(future)
                yield self._result(outcome)
        finally:
            # cancelling fails if the scheduler is gone, and is then unnecessary
            with suppress(Exception):
                self.client.cancel([*going, *sent.values()])

    def _window(self) -> int:
        if self.jobs is not None:
            return self.jobs
        return max(_LEAST, _OF_A_THREAD * self.workers())

    def _begun(self, call: Call, sent: dict[tuple[str, int], Any]) -> Any:
        token = call.data.token
        group, number = token
        if token not in sent:
            # a task, not scattered data: the scheduler repeats a task whose worker is lost
            sent[token] = self.client.submit(
                _itself, call.data.payload.tobytes(), key=f"data-{group}-{number}", pure=False
            )
        content = pickled((call.work, call.key, call.argument))
        return self.client.submit(
            _on_worker, content, sent[token], token, software(), key=None, pure=False
        )

    def _result(self, outcome: Any) -> tuple[Any, Any]:
        """Return the key and the result of a call, or raise its error.

        ``outcome``: bytes, or the type, value and traceback of an error. The future is not used:
        its worker may have been lost since the result arrived.
        """
        from distributed import KilledWorker

        if isinstance(outcome, bytes):
            # it comes from the user's own cluster, which received the calls as pickles too
            key, result = pickle.loads(outcome)  # noqa: S301
            return key, result
        if not isinstance(outcome, tuple):
            raise UnfinishedRunError(
                f"the scheduler at {self.address} was lost; finished work is kept: start the "
                "scheduler again, and repeat the command"
            )
        error = outcome[1]
        if isinstance(error, KilledWorker):
            raise UnfinishedRunError(
                "a piece of work was given up because the workers that computed it ended one after "
                "the other, as they do when memory runs out; finished work is kept: give workers "
                "more memory, and repeat the command"
            ) from error
        if isinstance(error, _DiffersError):
            raise UsageError(f"a worker of {self.address} {error}") from error
        if _lacks(error):
            raise UsageError(_lacking(self.address)) from error
        raise error


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connect to the cluster at ``address``, whose workers must have this host's versions.

    Raises ``UsageError`` if the scheduler does not answer, has no workers, or their versions
    differ.
    """
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "a cluster needs dask: pip install 'genlabel-robust[cluster]'"
        ) from error
    with _quiet():
        try:
            # in a thread, since the caller may already run an asyncio loop, as notebooks do
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _greeted(address)).result()
            with warnings.catch_warnings():
                # the versions that matter are compared below
                warnings.simplefilter("ignore", VersionMismatchWarning)
                client = Client(
                    address, timeout=_PATIENCE, set_as_default=False, name="genlabel_robust"
                )
        # an invalid port, an unknown host, no answer, or not a scheduler
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(
                f"no dask scheduler answers at {address} within {_PATIENCE:g} seconds; start one "
                "with `dask scheduler`, or give its own address, such as tcp://host:8786"
            ) from error
        try:
            _compare(client, address)
            yield Cluster(client, address)
        finally:
            with suppress(Exception):
                client.close(timeout=_PATIENCE)


async def _greeted(address: str) -> None:
    """Wait until the scheduler has sent its greeting; dask's client would wait for it forever."""
    from distributed.comm import connect

    comm = await asyncio.wait_for(connect(address, timeout=_PATIENCE), _PATIENCE)
    comm.abort()


def _compare(client: Any, address: str) -> None:
    """Raise ``UsageError`` unless there are workers and all have this host's versions."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise UsageError(
            f"the scheduler at {address} has no workers; start some with `dask worker {address} "
            "--nthreads 1`, and wait until they have joined"
        ) from error
    answers: Mapping[str, Any] = client.run(software, on_error="return")
    for worker, there in answers.items():
        if isinstance(there, Exception):
            if _lacks(there):
                raise UsageError(_lacking(worker)) from there
            raise UsageError(f"the worker {worker} cannot report its versions: {there}") from there
        if (differing := difference(software(), there)) is not None:
            raise UsageError(f"the worker {worker} {_with_advice(differing)}")


def _with_advice(differing: str) -> str:
    return (
        f"has {differing} as this host, so its numbers may differ; install the same versions "
        "everywhere"
    )


def _lacks(error: BaseException | None) -> bool:
    """Return whether ``error`` comes from a missing module, which dask may only quote."""
    if error is None or isinstance(error, ModuleNotFoundError):
        return error is not None
    return "ModuleNotFoundError" in str(error) or _lacks(error.__cause__)


def _lacking(where: str) -> str:
    return (
        f"a worker of {where} lacks genlabel-robust, or a library that it needs; install it there, "
        "in this host's version and with the same extras"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep dask from writing to stderr what the errors here report."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _itself(content: bytes) -> bytes:
    return content


def _on_worker(
    content: bytes, data: bytes, token: tuple[str, int], expected: Mapping[str, str]
) -> bytes:
    """Run a call on a worker, which may have joined after the versions were compared."""
    import numpy as np

    if (differing := difference(expected, software())) is not None:
        raise _DiffersError(_with_advice(differing))
    # from the driver that this worker serves
    work, key, argument = pickle.loads(content)  # noqa: S301
    about = Packed(token, np.frombuffer(data, dtype=np.uint8))
    return pickled(carried_out(Call(work, key, argument, about)))
