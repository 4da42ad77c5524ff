"""One process at a time in a folder, so that what was read still holds when it is written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Wait until no other process is in ``folder`` by this function, and keep others out.

    ``folder`` is made if it is missing. The lock is on the folder itself, so that no file is left
    behind, and ends with the process. Do not nest it for one folder: it would wait for itself.
    Where the system cannot lock folders (Windows, some network file systems) nobody waits.
    Raises ``OSError`` if the folder cannot be made or opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        # a file system without locks: what is checked before it is written is still checked
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
