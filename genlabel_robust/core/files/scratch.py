"""Folders among the temporary files, which go even if the process that made them was killed.

A process has a lock on each of its folders, which ends with it, however it ends. The next process
that makes such a folder removes those of its user that nobody has a lock on.
"""

import atexit
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

from genlabel_robust.core.files.exclusive import locked
from genlabel_robust.core.files.leftovers import boot

_PREFIX = "genlabel_robust-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder among the temporary files, which is removed afterwards.

    If this process is killed before, the next one that comes here removes it: on Linux, where the
    file system has locks. A fork of this process removes nothing. Raises ``OSError`` if the
    folder cannot be made.
    """
    place = Path(tempfile.gettempdir())
    _sweep(place)
    folder, lock = _made(place)
    remove = partial(_remove, folder, lock, os.getpid())
    # what a generator holds that nobody ends has no other end
    atexit.register(remove)
    try:
        yield folder
    finally:
        atexit.unregister(remove)
        remove()


def _made(place: Path) -> tuple[Path, int | None]:
    """Return a new folder in ``place`` and the lock on it; None: it has none, and is not swept."""
    mark = _mark(place)
    while mark is not None:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{mark}-", dir=place))
        # until it is locked, a sweep may take it for left behind
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
    """Remove the folders in ``place`` whose processes have ended; once in a process."""
    mark = _mark(place)
    if mark is None:
        return
    for folder in place.glob(f"{_PREFIX}{mark}-*"):
        # another process may sweep it, or end its use
        with suppress(OSError):
            if _own(folder) and (lock := locked(folder, wait=False)) is not None:
                if _is_of(lock, folder):
                    shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _own(folder: Path) -> bool:
    about = folder.lstat()
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()


def _is_of(lock: int, folder: Path) -> bool:
    """Say whether ``lock`` is on what is at ``folder`` now, and not on what was there before."""
    try:
        return os.path.samestat(os.fstat(lock), os.lstat(folder))
    except FileNotFoundError:
        return False


@cache
def _mark(place: Path) -> str | None:
    """Return twelve hex digits of where all see each other's locks, None where that is not known.

    That is a file system that is mounted once by one kernel: containers may share it. Its number
    tells it from any other that the kernel has mounted at the same time.
    """
    known = boot()
    if known is None:
        return None
    text = f"{known} {place.stat().st_dev}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
