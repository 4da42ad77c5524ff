"""A pool of processes on this host that is kept for later calls."""

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

#: A queue of calls and the futures for their results; None marks its end.
_Calls = SimpleQueue[tuple[Future[bytes], Work, bytes] | None]


class Pool:
    """A number of processes; for each one, a thread here sends it one call after the other.

    It replaces Python's ``ProcessPoolExecutor``, whose processes share one pipe for their results:
    if one of them is killed while it writes, the executor waits for the rest forever.
    """

    def __init__(self, count: int) -> None:
        """Start ``count`` processes; raises ``UnfinishedRunError`` if one is killed at once."""
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
        """Run ``work(content)`` in the next idle process.

        The future raises ``UnfinishedRunError`` if its process is killed.
        """
        future: Future[bytes] = Future()
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        self._calls.put((future, work, content))
        return future

    def kill(self) -> None:
        """Kill all processes at once, even while they compute."""
        for worker in self._workers:
            worker.process.kill()
        self._calls_end()

    def end(self) -> None:
        """End all processes and wait until they have ended; running calls are abandoned."""
        if self._open:
            self.kill()
        else:
            self._calls_end()
        for thread in self._threads:
            thread.join()

    def forget(self) -> Sequence[Any]:
        """In a fork, close the connections to the parent's processes, and return those."""
        for worker in self._workers:
            worker.forget()
        return [worker.process for worker in self._workers]

    def _calls_end(self) -> None:
        for _ in self._workers:
            self._calls.put(None)


def _attend(worker: Worker, calls: _Calls) -> None:
    """Send ``worker`` calls until the queue or the worker ends; then end the worker."""
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


#: The pool that is kept, by its number of processes; at most one.
_kept: dict[int, Pool] = {}
_server = ForkServer()


def processes(count: int) -> Pool:
    """Return a pool of ``count`` processes, the kept one if it has as many.

    Raises ``UnfinishedRunError`` if a process is killed while it starts.
    """
    if count not in _kept:
        end_processes()
        _begin_server()
        _kept[count] = Pool(count)
    return _kept[count]


def end_processes() -> None:
    """Kill all processes of the pool; the next calls start others."""
    while _kept:
        _kept.popitem()[1].kill()


def import_early(module: str) -> None:
    """Let the fork server import ``module`` while this process goes on.

    Returns at once. Has no effect without a fork server, or the second time.
    """
    _begin_server(module)


def end_imports() -> None:
    """End idle processes and the fork server, and wait until they have ended.

    From then on, their CPU time counts as that of this process's children.
    """
    while _kept:
        _kept.popitem()[1].end()
    if COPIES and not multiprocessing.active_children():
        _server.end()


def _begin_server(module: str | None = None) -> None:
    """Start the fork server, where there is one; restart our own if it lacks ``module``."""
    if COPIES:
        if _server.lacks(module):
            end_processes()
            _server.end()
        _server.begin(module)
    # exit functions run in reverse order, and this one must run first: multiprocessing would wait
    # for processes that wait for calls, and the folder of the socket would be removed
    atexit.unregister(end_imports)
    atexit.register(end_imports)


def _forget() -> None:
    """In a fork, forget the parent's processes, which must be neither used nor ended here."""
    children: Any = multiprocessing.process._children  # type: ignore[attr-defined]
    while _kept:
        # at exit the fork would wait for them, which only their parent can do
        children.difference_update(_kept.popitem()[1].forget())
    _server.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
