"""The only place that opens files which a user named or a folder contains.

Only regular files are opened: a read of a pipe would wait, and a read of a device might never end.
The same holds for links to them.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from genlabel_robust.core.errors import InputError, UsageError

#: The largest file that is read in one piece, and the largest text, in bytes.
LARGEST, LARGEST_TEXT = 2 << 30, 64 << 20
#: How many bytes are read at a time for a digest.
_PIECE = 1 << 20
#: Opens a pipe without waiting for its other end; Windows has no such flag.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def opened(
    path: Path,
    *,
    most: int = LARGEST,
    name: str | None = None,
    error: type[UsageError] = InputError,
) -> Iterator[BinaryIO]:
    """Open the regular file at ``path``, of at most ``most`` bytes, for reading.

    ``name``: the file's name in messages. Raises ``error``, in one sentence, for anything else.
    """
    name = str(path) if name is None else name
    try:
        # checked before opening, because opening a device can have an effect
        _check(os.stat(path), most, name, error)
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    except OSError as problem:
        raise error(f"{name} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:  # a name with a null character
        raise error(f"{name!r} cannot be read: it is not the name of a file") from problem
    with os.fdopen(descriptor, "rb") as file:
        # checked again on the open file
        _check(os.fstat(file.fileno()), most, name, error)
        try:
            yield file
        except OSError as problem:
            raise error(f"{name} cannot be read: {problem.strerror}") from problem


def file_bytes(
    path: Path,
    *,
    most: int = LARGEST,
    name: str | None = None,
    error: type[UsageError] = InputError,
) -> bytes:
    """Return the content of a regular file; for arguments and errors see ``opened``."""
    with opened(path, most=most, name=name, error=error) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(size + 1)
    if len(content) > size:
        raise error(f"{name or path} grows while it is read; wait until it is completely written")
    return content


def file_text(path: Path, *, name: str | None = None) -> str:
    """Return the UTF-8 text of a regular file; for arguments and errors see ``opened``."""
    content = file_bytes(path, most=LARGEST_TEXT, name=name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise InputError(f"{name or path} is not UTF-8 text (byte {problem.start})") from problem


def file_sha256(path: Path, *, error: type[UsageError] = InputError) -> str:
    """Return the SHA-256 in hex of a regular file of any size, read in pieces."""
    found = hashlib.sha256()
    with opened(path, most=1 << 62, error=error) as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def is_regular(path: Path) -> bool:
    """Return whether ``path`` is a regular file or a link to one."""
    try:
        return path.is_file()
    except ValueError:  # a name with a null character
        return False


def _check(found: os.stat_result, most: int, name: str, error: type[UsageError]) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise error(f"{name} cannot be read: Is a directory")
    if not stat.S_ISREG(found.st_mode):
        raise error(f"{name} is a pipe or a device, not a file; write its content to a file first")
    if found.st_size > most:
        raise error(f"{name} has {_size(found.st_size)}; at most {_size(most)} are allowed")


def _size(count: int) -> str:
    for unit, bytes_of in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= bytes_of:
            return f"{count / bytes_of:.1f} {unit}"
    return f"{count} bytes"
