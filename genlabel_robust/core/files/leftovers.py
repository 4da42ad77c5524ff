"""Files that an interrupted write left behind, and their removal in folders that hosts share."""

import hashlib
import os
import re
import secrets
import shutil
import socket
import stat
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from genlabel_robust.core.errors import InputError
from genlabel_robust.core.files.opening import opened

_PREFIX = ".writing-"
#: Distinguishes the files of this process from those of an earlier one with the same number.
_TOKEN = secrets.token_hex(4)
#: Subfolder of a temporary folder that holds the folder to be replaced, under its own name.
BEFORE = "before"
_NAME = re.compile(r"\.writing-(?P<host>[0-9a-f]{12})-(?P<process>\d+)-.*")
#: Seconds after which a file that another host was writing counts as abandoned.
_FORGOTTEN = 24 * 3600.0


def writing_prefix() -> str:
    """Return the prefix of the names of files and folders that this process is writing."""
    return f"{_PREFIX}{_host()}-{os.getpid()}-{_TOKEN}-"


def sweep_once(folder: Path) -> None:
    """Remove the files that ended processes of this host left in ``folder``, once per process.

    Does nothing on systems that do not name their boot: there, another host may have this one's
    name.
    """
    _sweep_real(os.path.realpath(folder))


@cache
def _sweep_real(folder: str) -> None:
    if boot() is not None:
        sweep(Path(folder), shared=True)


def sweep(folder: Path, *, shared: bool = False) -> None:
    """Remove the files that interrupted writes left in ``folder``; do nothing if it is a link.

    Keeps the files of running processes, and those of other hosts that are less than a day old,
    since their processes cannot be checked from here. ``shared``: other hosts are at work in the
    folder, so none of their files are removed, however old they seem by this host's clock. A
    folder that was moved aside to be replaced is moved back, unless its place is taken. Files
    that cannot be removed are kept.
    """
    if folder.is_symlink():
        return
    for leftover in folder.glob(f"{_PREFIX}*"):
        # another process may be removing it, or it may belong to another user
        with suppress(OSError):
            if (
                (not shared or _of_this_host(leftover))
                and _abandoned(leftover)
                and (not leftover.is_dir() or is_own_folder(leftover))
            ):
                remove(leftover)


def remove(leftover: Path) -> None:
    """Remove a temporary file or folder; move back the folder that it was to replace."""
    if leftover.is_symlink() or not leftover.is_dir():
        leftover.unlink(missing_ok=True)
        return
    before = leftover / BEFORE
    for replaced in () if before.is_symlink() else before.glob("*"):
        place = leftover.with_name(replaced.name)
        if not os.path.lexists(place):
            replaced.rename(place)
    shutil.rmtree(leftover)


def is_own_folder(path: Path) -> bool:
    """Return whether ``path`` is a folder of this user, and not a link; False on Windows."""
    about = path.lstat()
    return os.name == "posix" and stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()


def _of_this_host(leftover: Path) -> bool:
    match = _NAME.fullmatch(leftover.name)
    return match is not None and match["host"] == _host()


def _abandoned(leftover: Path) -> bool:
    match = _NAME.fullmatch(leftover.name)
    if match is not None and match["host"] == _host() and os.name == "posix":
        process = int(match["process"])
        if process == os.getpid():
            return not leftover.name.startswith(writing_prefix())
        return not _runs(process)
    try:
        return time.time() - leftover.lstat().st_mtime > _FORGOTTEN
    except FileNotFoundError:  # its write has finished
        return False


@cache
def _host() -> str:
    """Return twelve hex digits that identify where process ids mean the same as here.

    On Linux this is one boot of a kernel and one namespace of process ids: containers with the same
    host name have different ones.
    """
    known = [part for part in (socket.gethostname(), boot()) if part is not None]
    with suppress(OSError):
        known.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:12]


def boot() -> str | None:
    """Return the id of the current boot of the Linux kernel, None if it is unknown."""
    # it may be missing or unreadable; files in /proc report no size
    with suppress(InputError), opened(Path("/proc/sys/kernel/random/boot_id")) as file:
        return file.read(64).decode("ascii").strip() or None
    return None


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # permission was denied, so the process exists
    return True
