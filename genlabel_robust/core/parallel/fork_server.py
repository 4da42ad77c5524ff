"""The start of processes on this host.

On Linux they are forked from one process, the *fork server* of Python's ``multiprocessing``, which
has already imported what all of them need; elsewhere each one imports for itself.
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

#: The longest path of a socket's folder, in bytes; with its name, a socket's path may have 107.
_PATH_OF_SOCKETS = 80
#: Whether processes are forked from a fork server.
COPIES = sys.platform == "linux"
CONTEXT: Any = multiprocessing.get_context("forkserver" if COPIES else "spawn")


class NewProcess(CONTEXT.Process):  # type: ignore[misc]
    """A process that does not run the caller's script, which may lack a ``__main__`` guard."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802  the name is multiprocessing's
        with _without_script():
            return CONTEXT.Process._Popen(process)


class ForkServer:
    """The fork server of this process, if this code started it."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._module: str | None = None
        self._socket = ExitStack()

    def lacks(self, module: str | None) -> bool:
        """Return whether it was started here without importing ``module``."""
        return module not in (None, self._module) and self._pid is not None

    def begin(self, module: str | None = None) -> None:
        """Start the fork server, unless one runs, and let it import ``module``."""
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
        """End the fork server if it was started here, even if it is still importing."""
        from multiprocessing import forkserver

        server: Any = forkserver._forkserver
        if self._pid is not None and self._pid == server._forkserver_pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            server._stop()
        self._socket.close()
        self._pid = self._module = None

    def forget(self) -> None:
        """In a fork, forget the parent's server; the next use starts another one."""
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
        """Return a folder with a path short enough for sockets, until the server ends."""
        folder = str(self._socket.enter_context(scratch_folder()))
        if len(os.fsencode(folder)) <= _PATH_OF_SOCKETS:
            return folder
        handle = os.open(folder, os.O_RDONLY)
        self._socket.callback(os.close, handle)
        return f"/proc/self/fd/{handle}"


@contextmanager
def _sockets_in(folder: str) -> Iterator[None]:
    """Make ``multiprocessing`` place its sockets in ``folder``: its own would outlast a kill."""
    current: Any = multiprocessing.current_process()
    before = current._config.get("tempdir")
    current._config["tempdir"] = folder
    try:
        yield
    finally:
        current._config["tempdir"] = before


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block Ctrl-C for all processes that are started inside, and for their children.

    A Ctrl-C that reaches this process meanwhile takes effect afterwards.
    """
    from multiprocessing import resource_tracker

    # it would otherwise start inside the context and unblock interrupts
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
