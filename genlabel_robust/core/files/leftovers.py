"""What an interrupted write leaves behind, and whose it is: several hosts may share one folder."""

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
#: Seconds after which what another host was writing is taken for left behind.
_FORGOTTEN = 24 * 3600.0


def writing_prefix() -> str:
    """Return how names of files begin that this process is writing."""
    return f"{_PREFIX}{_host()}-{os.getpid()}-"


def sweep(folder: Path, *, shared: bool = False) -> None:
    """Remove what an interrupted write left behind in ``folder``, itself and no link to one.

    What a running process is writing is left alone, and so is what another host wrote within a
    day: of its processes nothing can be known here. ``shared``: whether other hosts are at work
    in the folder, so that nothing of theirs is removed, however old it is by this host's clock.
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
    except FileNotFoundError:  # written meanwhile
        return False


@cache
def _host() -> str:
    """Return twelve hex digits of where process numbers mean the same as here.

    On Linux that is one boot of a kernel, and in it one space of process numbers: containers
    with the same name have several.
    """
    known = [part for part in (socket.gethostname(), boot()) if part is not None]
    with suppress(OSError):
        known.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:12]


def boot() -> str | None:
    """Return the name of this boot of a Linux kernel, None where it is not known."""
    # not everywhere, nor always to be looked at; the files of /proc have no size
    with suppress(InputError), opened(Path("/proc/sys/kernel/random/boot_id")) as file:
        return file.read(64).decode("ascii").strip() or None
    return None


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # not permitted to ask, so there is such a process
        return True
    return process != os.getpid()
