"""Processes of this host that stay for the next calls, and how they are begun.

On Linux they are copies of one process, the *fork server* of Python's ``multiprocessing``, which
has imported once what all of them need; elsewhere each imports for itself.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import Any

from genlabel_robust.core.files.scratch import scratch_folder

#: What tells libraries that are loaded later to take one thread.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
#: Bytes that the folder of a socket may have in its path; with its own name a socket has 107.
_PATH_OF_SOCKETS = 80
_COPIES = sys.platform == "linux"
_OF_PYTHON: Any = multiprocessing.get_context("forkserver" if _COPIES else "spawn")


class _Process(_OF_PYTHON.Process):  # type: ignore[misc]
    """A process that does not run the caller's script, which may have no guard against that."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802  the name is multiprocessing's
        with _without_script():
            return _OF_PYTHON.Process._Popen(process)


class _Context(type(_OF_PYTHON)):  # type: ignore[misc]
    """What begins such processes."""

    Process = _Process


#: The processes that stay, by how many they are: one such pool at most.
_kept: dict[int, ProcessPoolExecutor] = {}


def processes(count: int) -> ProcessPoolExecutor:
    """Return ``count`` processes, those of the last time if there are as many."""
    if count not in _kept:
        end_processes()
        if _COPIES:
            _server.begin()
        _kept[count] = ProcessPoolExecutor(count, _Context(), initializer=_begun)
    return _kept[count]


def end_processes() -> None:
    """End all processes at once, whatever they do; the next calls begin others."""
    while _kept:
        _, executor = _kept.popitem()
        running = [*(executor._processes or {}).values()]
        executor.shutdown(wait=False, cancel_futures=True)
        for process in running:
            with suppress(ValueError):  # it has ended, and was closed
                process.kill()


def import_early(module: str) -> None:
    """Have what processes are copied from import ``module``, beside what this process does.

    Nothing waits for it. Without an effect where processes are no copies, and the second time.
    """
    if _COPIES:
        _server.begin(module)


def end_imports() -> None:
    """End idle processes and what they are copied from, and wait until these have ended.

    Their processor time is that of children of this process from then on.
    """
    while _kept:
        _kept.popitem()[1].shutdown()
    if _COPIES and not multiprocessing.active_children():
        _server.end()


class _Server:
    """The fork server of this process, if it was begun here and by nobody else."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._module: str | None = None
        self._socket = ExitStack()

    def begin(self, module: str | None = None) -> None:
        """Begin it unless there is one; one of ours that has not imported ``module`` is ended."""
        from multiprocessing import forkserver

        if module not in (None, self._module) and self._pid is not None:
            end_processes()
            self.end()
        server: Any = forkserver._forkserver
        if server._forkserver_pid is None:
            before = server._preload_modules
            forkserver.set_forkserver_preload([] if module is None else [module])
            with _sockets_in(self._place_of_socket()):
                forkserver.ensure_running()
            forkserver.set_forkserver_preload(before)
            self._pid, self._module = server._forkserver_pid, module
            atexit.register(end_imports)

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


_server = _Server()


def _forget() -> None:
    """Forget, in a fork, the processes of its parent, which are not to be used or ended here."""
    children: Any = multiprocessing.process._children  # type: ignore[attr-defined]
    while _kept:
        _, executor = _kept.popitem()
        # at its exit it would wait for them, as only their parent can
        children.difference_update((executor._processes or {}).values())
    _server.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


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
def _without_script() -> Iterator[None]:
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _begun() -> None:
    """Begin a process: it has one thread, leaves Ctrl-C to its parent, and ends with it."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent has ended, which if killed takes none with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
