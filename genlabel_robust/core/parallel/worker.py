"""One process that carries out calls: as the one that began it sees it, and from within."""

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

#: What is carried out, on bytes: a function of a module that can be imported there.
Work = Callable[[bytes], bytes]
#: What tells libraries that are loaded later to take one thread.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class Worker:
    """A process with a connection that it shares with no other.

    So what one process leaves half said when it is killed holds up nobody: its connection ends.
    """

    def __init__(self) -> None:
        """Begin the process. Raises ``UnfinishedRunError`` if it, or its fork server, is killed."""
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
        """Return ``work(content)`` of the process; raises ``UnfinishedRunError`` if it ends."""
        try:
            self._connection.send((work, content))
            answer: bytes = self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise _killed() from error
        return answer

    def end(self) -> None:
        """Let the process end once it waits for a call, and wait until it has."""
        self._connection.close()
        self.process.join()

    def forget(self) -> None:
        """Let go, in a fork, of the process of its parent."""
        self._connection.close()


def _killed() -> UnfinishedRunError:
    return UnfinishedRunError(
        "a process was killed, as the system does when memory runs out; finished work is kept: "
        "repeat the command, with fewer --jobs if memory is scarce"
    )


def _serve(calls: Connection) -> None:
    """Carry out ``calls`` on one thread until there are no more, or the parent has ended."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    # also where the process is no copy; it is the parent's to end it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            work, content = calls.recv()
        except (EOFError, ConnectionError):
            return
        calls.send_bytes(work(content))


def _end_with_parent() -> None:
    """End this process when its parent has ended, which if killed takes none with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
