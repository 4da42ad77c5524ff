"""Processes of this host that stay for the next calls."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from genlabel_robust.core.errors import UnfinishedRunError
from genlabel_robust.core.parallel.fork_server import COPIES, ForkServer
from genlabel_robust.core.parallel.worker import Work, Worker

#: A call and what is told its result; None for no more of them.
_Calls = SimpleQueue[tuple[Future[bytes], Work, bytes] | None]


class Pool:
    """So many processes; each has a thread here that gives it one call after the other.

    Not Python's own ``ProcessPoolExecutor``, whose processes share one pipe for their results: if
    one of them is killed while it writes there, it waits for the rest without an end.
    """

    def __init__(self, count: int) -> None:
        """Begin ``count`` processes; raises ``UnfinishedRunError`` if one is killed at once."""
        self._calls: _Calls = SimpleQueue()
        self._open: set[Future[bytes]] = set()
        self._workers: list[Worker] = []
        self._threads: list[threading.Thread] = []
        try:
            for _ in range(count):
                self._workers.append(Worker())
        finally:
            for worker in self._workers:
                attends = threading.Thread(target=_attend, args=(worker, self._calls), daemon=True)
                attends.start()
                self._threads.append(attends)
            if len(self._workers) < count:
                self.kill()

    def submit(self, work: Work, content: bytes) -> Future[bytes]:
        """Have ``work(content)`` carried out by the next process that is idle.

        The future raises ``UnfinishedRunError`` if its process is killed.
        """
        future: Future[bytes] = Future()
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        self._calls.put((future, work, content))
        return future

    def kill(self) -> None:
        """End all processes at once, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
        self._calls_end()

    def end(self) -> None:
        """End all processes, and wait until they have ended; calls under way are given up."""
        if self._open:
            self.kill()
        else:
            self._calls_end()
        for thread in self._threads:
            thread.join()

    def forget(self) -> Sequence[Any]:
        """Let go, in a fork, of the processes of its parent, and return them."""
        for worker in self._workers:
            worker.forget()
        return [worker.process for worker in self._workers]

    def _calls_end(self) -> None:
        for _ in self._workers:
            self._calls.put(None)


def _attend(worker: Worker, calls: _Calls) -> None:
    """Give ``worker`` calls until there are no more, or it has been killed; then end it."""
    try:
        while (call := calls.get()) is not None:
            future, work, content = call
            try:
                future.set_result(worker.answer(work, content))
            except UnfinishedRunError as error:
                future.set_exception(error)
                return
    finally:
        worker.end()


#: The processes that stay, by how many they are: one such pool at most.
_kept: dict[int, Pool] = {}
_server = ForkServer()


def processes(count: int) -> Pool:
    """Return ``count`` processes, those of the last time if there are as many.

    Raises ``UnfinishedRunError`` if one is killed while they begin.
    """
    if count not in _kept:
        end_processes()
        _begin_server()
        _kept[count] = Pool(count)
    return _kept[count]


def end_processes() -> None:
    """End all processes at once, whatever they do; the next calls begin others."""
    while _kept:
        _kept.popitem()[1].kill()


def import_early(module: str) -> None:
    """Have what processes are copied from import ``module``, beside what this process does.

    Nothing waits for it. Without an effect where processes are no copies, and the second time.
    """
    _begin_server(module)


def end_imports() -> None:
    """End idle processes and what they are copied from, and wait until these have ended.

    Their processor time is that of children of this process from then on.
    """
    while _kept:
        _kept.popitem()[1].end()
    if COPIES and not multiprocessing.active_children():
        _server.end()


def _begin_server(module: str | None = None) -> None:
    """Begin the fork server, where processes are copies; one that lacks ``module`` is ended."""
    if COPIES:
        if _server.lacks(module):
            end_processes()
            _server.end()
        _server.begin(module)
    # what is registered last comes first: multiprocessing would wait for processes that wait for
    # calls, and the folder of the socket is removed
    atexit.unregister(end_imports)
    atexit.register(end_imports)


def _forget() -> None:
    """Forget, in a fork, the processes of its parent, which are not to be used or ended here."""
    children: Any = multiprocessing.process._children  # type: ignore[attr-defined]
    while _kept:
        # at its exit it would wait for them, as only their parent can
        children.difference_update(_kept.popitem()[1].forget())
    _server.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
