"""How processes of this host are begun.

On Linux they are copies of one process, the *fork server* of Python's ``multiprocessing``, which
has imported once what all of them need; elsewhere each imports for itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import Any

from genlabel_robust.core.files.scratch import scratch_folder

#: Bytes that the folder of a socket may have in its path; with its own name a socket has 107.
_PATH_OF_SOCKETS = 80
#: Whether processes are copies of one.
COPIES = sys.platform == "linux"
CONTEXT: Any = multiprocessing.get_context("forkserver" if COPIES else "spawn")


class NewProcess(CONTEXT.Process):  # type: ignore[misc]
    """A process that does not run the caller's script, which may have no guard against that."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802  the name is multiprocessing's
        with _without_script():
            return CONTEXT.Process._Popen(process)


class ForkServer:
    """The fork server of this process, if it was begun here and by nobody else."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._module: str | None = None
        self._socket = ExitStack()

    def lacks(self, module: str | None) -> bool:
        """Say whether it was begun here, and imports something else than ``module``."""
        return module not in (None, self._module) and self._pid is not None

    def begin(self, module: str | None = None) -> None:
        """Begin it, and have it import ``module``, unless there is one."""
        from multiprocessing import forkserver

        server: Any = forkserver._forkserver
        if server._forkserver_pid is None:
            before = server._preload_modules
            forkserver.set_forkserver_preload([] if module is None else [module])
            with _sockets_in(self._place_of_socket()), _without_interrupts():
                forkserver.ensure_running()
            forkserver.set_forkserver_preload(before)
            self._pid, self._module = server._forkserver_pid, module

    def end(self) -> None:
        """End it if it was begun here; what it still imports nobody waits for."""
        from multiprocessing import forkserver

        server: Any = forkserver._forkserver
        if self._pid is not None and self._pid == server._forkserver_pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            server._stop()
        self._socket.close()
        self._pid = self._module = None

    def forget(self) -> None:
        """Forget, in a fork, the server of its parent; the next begins another."""
        if self._pid is None:
            return
        from multiprocessing import forkserver

        server: Any = forkserver._forkserver
        if self._pid == server._forkserver_pid:
            os.close(server._forkserver_alive_fd)
            server._forkserver_alive_fd = server._forkserver_address = None
            server._forkserver_pid = None
        self._pid = self._module = None
        self._socket = ExitStack()

    def _place_of_socket(self) -> str:
        """Return a folder whose path is short enough for sockets in it, until the server ends."""
        folder = str(self._socket.enter_context(scratch_folder()))
        if len(os.fsencode(folder)) <= _PATH_OF_SOCKETS:
            return folder
        handle = os.open(folder, os.O_RDONLY)
        self._socket.callback(os.close, handle)
        return f"/proc/self/fd/{handle}"


@contextmanager
def _sockets_in(folder: str) -> Iterator[None]:
    """Have ``multiprocessing`` make sockets in ``folder``: its own would outlast a kill."""
    current: Any = multiprocessing.current_process()
    before = current._config.get("tempdir")
    current._config["tempdir"] = folder
    try:
        yield
    finally:
        current._config["tempdir"] = before


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Begin processes that Ctrl-C does not reach, whatever they do, nor those that they begin.

    One that reaches this process meanwhile comes afterwards.
    """
    from multiprocessing import resource_tracker

    # it would be begun in there, and let interrupts through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_script() -> Iterator[None]:
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
