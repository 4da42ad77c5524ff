"""Exclusive access to a folder, so that what a process read is still true when it writes."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``, waiting until no other process holds it.

    ``folder`` is created if it is missing. Do not nest it for one folder: it would wait for itself.
    Where the system cannot lock folders, nobody waits; the checks before each write still apply.
    Raises ``OSError`` if the folder cannot be created or opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = locked(folder)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def locked(folder: Path, *, wait: bool = True) -> int | None:
    """Lock ``folder``; return a descriptor that ``os.close`` or the end of the process releases.

    The lock is on the folder itself, so no lock file is left behind. Returns None where the system
    cannot lock folders (Windows, some network file systems), and, without ``wait``, if another
    process has locked it. Raises ``OSError`` if the folder cannot be opened.
    """
    if os.name != "posix":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError), ExitStack() as stack:
        stack.callback(os.close, handle)
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        stack.pop_all()
        return handle
    return None
