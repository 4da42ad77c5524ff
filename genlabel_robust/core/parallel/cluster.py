"""Calls on a dask cluster: data are sent once, results come back, and lost work is done again."""

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

#: Seconds that a scheduler has to answer, and then at least one worker to have joined it.
_PATIENCE = 10.0
#: How many calls are with the scheduler at once: at least, and for each worker's thread.
_LEAST, _OF_A_THREAD = 64, 4


class _DiffersError(Exception):
    """A worker has other versions; the text says which. It reaches the driver as it is."""


@dataclass(frozen=True)
class Cluster:
    """A dask cluster: ``client`` is connected to the scheduler at ``address``.

    ``jobs``: how many calls at once, None for as many as there are threads of workers.
    """

    client: Any
    address: str
    jobs: int | None = None

    def limited(self, jobs: int | None) -> Self:
        """Return the same cluster with at most ``jobs`` calls at once."""
        return replace(self, jobs=jobs)

    def workers(self) -> int:
        """Return how many calls are carried out at the same time."""
        threads: int = sum(self.client.nthreads().values())
        return max(min(threads, self.jobs or threads), 1)

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield what each call gives; see ``Engine``.

        A call whose worker is lost is carried out again by another one.
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
            # a scheduler that is gone has nothing to cancel
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
            # as a task and not scattered: the scheduler makes a task again whose worker is lost
            sent[token] = self.client.submit(
                _itself, call.data.payload.tobytes(), key=f"data-{group}-{number}", pure=False
            )
        content = pickled((call.work, call.key, call.argument))
        return self.client.submit(
            _on_worker, content, sent[token], token, software(), key=None, pure=False
        )

    def _result(self, outcome: Any) -> tuple[Any, Any]:
        """Return key and result; ``outcome``: bytes, or of an error its type, itself and trace.

        The future is not asked: its worker may have been lost since the result came.
        """
        from distributed import KilledWorker

        if isinstance(outcome, bytes):
            # from a worker of one's own cluster, to which the calls went as pickles, too
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
    """Yield the cluster at ``address``, whose workers have the versions of this host.

    Raises ``UsageError`` if its scheduler does not answer, has no workers, or these differ.
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
            # in a thread, since the caller may be in a loop of asyncio, as notebooks are
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _greeted(address)).result()
            with warnings.catch_warnings():
                # what decides numbers is compared below, and refused
                warnings.simplefilter("ignore", VersionMismatchWarning)
                client = Client(
                    address, timeout=_PATIENCE, set_as_default=False, name="genlabel_robust"
                )
        # a port that is no number, a host without an address, nobody there, not a scheduler
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
    """Wait until the scheduler has greeted; dask's client would wait for that without an end."""
    from distributed.comm import connect

    comm = await asyncio.wait_for(connect(address, timeout=_PATIENCE), _PATIENCE)
    comm.abort()


def _compare(client: Any, address: str) -> None:
    """Raise ``UsageError`` unless there are workers, and all of them have this host's versions."""
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
            raise UsageError(f"the worker {worker} {_told(differing)}")


def _told(differing: str) -> str:
    return (
        f"has {differing} as this host, so its numbers may differ; install the same versions "
        "everywhere"
    )


def _lacks(error: BaseException | None) -> bool:
    """Say whether a module was missing where ``error`` comes from; dask may only quote it."""
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
    """Let dask not write to stderr what the errors here say."""
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
    """Carry out a call on a worker, which may have joined after the others were compared."""
    import numpy as np

    if (differing := difference(expected, software())) is not None:
        raise _DiffersError(_told(differing))
    # from the driver that this worker serves
    work, key, argument = pickle.loads(content)  # noqa: S301
    about = Packed(token, np.frombuffer(data, dtype=np.uint8))
    return pickled(carried_out(Call(work, key, argument, about)))
