"""Temporary folders that are removed even if the process that created them was killed.

A process holds a lock on each of its folders, which ends with the process. The next process of the
same user that creates such a folder removes those that nobody has locked.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

from genlabel_robust.core.files.exclusive import locked
from genlabel_robust.core.files.leftovers import boot, is_own_folder

_PREFIX = "genlabel_robust-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Create a new temporary folder that is removed afterwards.

    If this process is killed first, the next one that calls this function removes it: on Linux,
    where the file system supports locks. A fork of this process removes nothing. Raises ``OSError``
    if the folder cannot be created.
    """
    place = Path(tempfile.gettempdir())
    _sweep(place)
    folder, lock = _made(place)
    remove = partial(_remove, folder, lock, os.getpid())
    # a generator that is never closed would otherwise leave its folder behind
    atexit.register(remove)
    try:
        yield folder
    finally:
        atexit.unregister(remove)
        remove()


def _made(place: Path) -> tuple[Path, int | None]:
    """Return a new folder in ``place`` and its lock; without a lock (None) it is never swept."""
    mark = _mark(place)
    while mark is not None:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{mark}-", dir=place))
        # before it is locked, another process may sweep it
        with suppress(FileNotFoundError):
            lock = locked(folder)
            if lock is None:
                folder.rmdir()
                break
            if _is_of(lock, folder):
                return folder, lock
            os.close(lock)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place)), None


def _remove(folder: Path, lock: int | None, process: int) -> None:
    if os.getpid() != process:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


@cache
def _sweep(place: Path) -> None:
    """Remove the folders in ``place`` whose processes have ended; once per process."""
    mark = _mark(place)
    if mark is None:
        return
    for folder in place.glob(f"{_PREFIX}{mark}-*"):
        # another process may sweep or release it at the same time
        with suppress(OSError):
            if is_own_folder(folder) and (lock := locked(folder, wait=False)) is not None:
                if _is_of(lock, folder):
                    shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _is_of(lock: int, folder: Path) -> bool:
    """Return whether ``lock`` is on the folder that is now at ``folder``, not on an earlier one."""
    try:
        return os.path.samestat(os.fstat(lock), os.lstat(folder))
    except FileNotFoundError:
        return False


@cache
def _mark(place: Path) -> str | None:
    """Return twelve hex digits that identify where processes see each other's locks, or None.

    This is a file system as mounted once by one kernel, which containers may share. Its device
    number distinguishes it from all others that the kernel has mounted. None if the boot is
    unknown.
    """
    known = boot()
    if known is None:
        return None
    text = f"{known} {place.stat().st_dev}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
