"""One process at a time in a folder, so that what was read still holds when it is written."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Wait until no other process is in ``folder`` by this function, and keep others out.

    ``folder`` is made if it is missing. Do not nest it for one folder: it would wait for itself.
    Where the system cannot lock folders nobody waits: what is checked before it is written is
    still checked. Raises ``OSError`` if the folder cannot be made or opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = locked(folder)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def locked(folder: Path, *, wait: bool = True) -> int | None:
    """Lock ``folder``, and return what ``os.close`` unlocks; the end of the process does it, too.

    The lock is on the folder itself, so that no file is left behind. None where the system cannot
    lock folders (Windows, some network file systems), and without ``wait`` where another process
    has locked it. Raises ``OSError`` if the folder cannot be opened.
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
