"""Calls in processes of this host, each on one thread."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from genlabel_robust.core.errors import UnfinishedRunError
from genlabel_robust.core.files.large_arrays import InFolder
from genlabel_robust.core.files.scratch import scratch_folder
from genlabel_robust.core.parallel.engine import Call, carried_out
from genlabel_robust.core.parallel.packing import Packed, pickled, pickled_here
from genlabel_robust.core.parallel.pool import end_processes, processes
from genlabel_robust.core.unforeseen import one_line

#: Calls per process that are submitted at once: the current one and the next.
_OF_A_PROCESS = 2
#: Shared data of at least this many bytes are passed in a file, not with each call.
_AS_FILE = 1 << 20


@dataclass(frozen=True)
class Processes:
    """A number of processes, which are kept for later calls."""

    count: int

    def workers(self) -> int:
        """Return how many processes there are."""
        return self.count

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the result of each call; see ``Engine``."""
        try:
            with ExitStack() as files:
                yield from self._carry_out(_shared(calls, files))
        except BaseException:
            end_processes()
            raise

    def _carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        going: set[Future[bytes]] = set()
        pool = processes(self.count)
        while True:
            for call in islice(calls, _OF_A_PROCESS * self.count - len(going)):
                going.add(pool.submit(_carried_out, pickled_here(call)))
            if not going:
                return
            ended, going = wait(going, return_when=FIRST_COMPLETED)
            for future in ended:
                # from a process that this one started, which received the call as a pickle too
                result = pickle.loads(future.result())  # noqa: S301
                if isinstance(result, _Failed):
                    raise result.error from _ThereError(result.trace)
                yield result


def _shared(calls: Iterator[Call], files: ExitStack) -> Iterator[Call]:
    """Yield ``calls``, with large shared data replaced by files that last as long as ``files``."""
    in_files: InFolder | None = None
    known: dict[tuple[str, int], Packed] = {}
    for call in calls:
        token = call.data.token
        if token not in known:
            payload = call.data.payload
            if payload.nbytes >= _AS_FILE:
                in_files = in_files or InFolder(files.enter_context(scratch_folder()), _AS_FILE)
                payload = in_files.copied(f"{token[0]}-{token[1]}", payload)
            known[token] = replace(call.data, payload=payload)
        yield call._replace(data=known[token])


@dataclass(frozen=True)
class _Failed:
    """An error of another process and its traceback, pickled: a script may define its class."""

    error: BaseException
    trace: str


class _ThereError(Exception):
    """The cause of an error from another process; its text is the traceback there."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _carried_out(content: bytes) -> bytes:
    try:
        return pickled(carried_out(pickle.loads(content)))  # noqa: S301
    except BaseException as error:  # a part from outside may call sys.exit
        trace = traceback.format_exc()
        try:
            return pickled(_Failed(error, trace))
        except Exception:  # its attributes may be impossible to pickle
            return pickled(_Failed(UnfinishedRunError(one_line(error)), trace))
