"""Calls in processes of this host, one thread each."""

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

#: How many calls are with each process at once: one that it carries out, and the next.
_OF_A_PROCESS = 2
#: Bytes from which on what calls have in common goes to processes as a file, and not with each.
_AS_FILE = 1 << 20


@dataclass(frozen=True)
class Processes:
    """So many processes, which stay for the next calls."""

    count: int

    def workers(self) -> int:
        """Return how many processes there are."""
        return self.count

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield what each call gives; see ``Engine``."""
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
                # from a process that this one has begun, to which the call went as a pickle, too
                result = pickle.loads(future.result())  # noqa: S301
                if isinstance(result, _Failed):
                    raise result.error from _ThereError(result.trace)
                yield result


def _shared(calls: Iterator[Call], files: ExitStack) -> Iterator[Call]:
    """Yield ``calls``; what several have in common is in a file if it is large, until ``files``."""
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
    """What went wrong in another process, and where: as a result, as the script may define it."""

    error: BaseException
    trace: str


class _ThereError(Exception):
    """Shows where in the other process an error comes from."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _carried_out(content: bytes) -> bytes:
    try:
        return pickled(carried_out(pickle.loads(content)))  # noqa: S301
    except BaseException as error:  # a part from outside may call sys.exit, too
        trace = traceback.format_exc()
        try:
            return pickled(_Failed(error, trace))
        except Exception:  # what it holds may not be sent
            return pickled(_Failed(UnfinishedRunError(one_line(error)), trace))
