"""Files that an interrupted write left behind, and their removal in folders that hosts share."""

import hashlib
import os
import re
import socket
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from genlabel_robust.core.errors import InputError
from genlabel_robust.core.files.opening import opened

_PREFIX = ".writing-"
_NAME = re.compile(r"\.writing-(?P<host>[0-9a-f]{12})-(?P<process>\d+)-.*")
#: Seconds after which a file that another host was writing counts as abandoned.
_FORGOTTEN = 24 * 3600.0


def writing_prefix() -> str:
    """Return the prefix of the names of files that this process is writing."""
    return f"{_PREFIX}{_host()}-{os.getpid()}-"


def sweep(folder: Path, *, shared: bool = False) -> None:
    """Remove the files that interrupted writes left in ``folder``; do nothing if it is a link.

    Keeps the files of running processes, and those of other hosts that are less than a day old,
    since their processes cannot be checked from here. ``shared``: other hosts are at work in the
    folder, so none of their files are removed, however old they seem by this host's clock.
    """
    if folder.is_symlink():
        return
    for leftover in folder.glob(f"{_PREFIX}*"):
        if (
            (not shared or _of_this_host(leftover))
            and _abandoned(leftover)
            and not leftover.is_dir()
        ):
            leftover.unlink(missing_ok=True)


def _of_this_host(leftover: Path) -> bool:
    match = _NAME.fullmatch(leftover.name)
    return match is not None and match["host"] == _host()


def _abandoned(leftover: Path) -> bool:
    match = _NAME.fullmatch(leftover.name)
    if match is not None and match["host"] == _host() and os.name == "posix":
        return not _runs(int(match["process"]))
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
        # permission was denied, so the process exists
        return True
    return process != os.getpid()
