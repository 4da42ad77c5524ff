"""One process that runs calls: its handle in the parent, and its loop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from genlabel_robust.core.errors import UnfinishedRunError
from genlabel_robust.core.parallel.fork_server import CONTEXT, NewProcess

#: A function of bytes, in a module that the process can import.
Work = Callable[[bytes], bytes]
#: Variables that restrict libraries which are loaded later to one thread.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Worker:
    """A process with a connection of its own.

    If it is killed in the middle of a result, its connection ends, and no other process is held up.
    """

    def __init__(self) -> None:
        """Start the process; raises ``UnfinishedRunError`` if it or its fork server is killed."""
        self._connection, theirs = CONTEXT.Pipe()
        self.process: Any = NewProcess(target=_serve, args=(theirs,))
        try:
            with theirs:
                self.process.start()
        except (EOFError, ConnectionError) as error:
            self._connection.close()
            raise _killed() from error
        except BaseException:
            self._connection.close()
            raise

    def answer(self, work: Work, content: bytes) -> bytes:
        """Return ``work(content)`` from the process; raises ``UnfinishedRunError`` if it ends."""
        try:
            self._connection.send((work, content))
            answer: bytes = self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise _killed() from error
        return answer

    def end(self) -> None:
        """Close the connection, so that an idle process ends, and wait until it has ended."""
        self._connection.close()
        self.process.join()

    def forget(self) -> None:
        """In a fork, close the connection to the parent's process."""
        self._connection.close()


def _killed() -> UnfinishedRunError:
    return UnfinishedRunError(
        "a process was killed, as the system does when memory runs out; finished work is kept: "
        "repeat the command, with fewer --jobs if memory is scarce"
    )


def _serve(calls: Connection) -> None:
    """Run ``calls`` on one thread until there are no more or the parent has ended."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    # also for processes that are not forked; the parent ends them
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            work, content = calls.recv()
        except (EOFError, ConnectionError):
            return
        calls.send_bytes(work(content))


def _end_with_parent() -> None:
    """End this process once its parent has ended: a killed parent ends no children itself."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
