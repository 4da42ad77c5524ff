"""The only place that reads stored arrays: numeric ``.npz`` files, headers checked first."""

import io
import math
import os
import zipfile
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core.errors import InputError, UsageError
from genlabel_robust.core.files.archives import members, unpacking
from genlabel_robust.core.files.large_arrays import LARGE, PIECE, let_go, nameless
from genlabel_robust.core.files.opening import file_bytes, opened

#: The most arrays in a file, and the most bytes that they take on any machine.
_MOST_ARRAYS, _MOST_BYTES = 64, 16 << 30
#: The share of the machine's memory that the arrays of one file may take.
_SHARE = 0.5
#: Numbers and truth values; text, objects and dates are never stored.
_KINDS = "iufb"


def read_npz(
    content: bytes, name: str, *, error: type[UsageError] = InputError
) -> dict[str, NDArray[Any]]:
    """Return the numeric arrays in ``content``, a ``.npz`` file; nothing is unpickled.

    ``name``: the file's name in messages. Raises ``error``, in one sentence, if the file is not of
    this format or is damaged, if an array is not numeric or not as long as its header says, and if
    the arrays would take more than half of the memory.
    """
    return _read(io.BytesIO(content), name, error, None)


def read_npz_file(
    path: Path, *, error: type[UsageError] = InputError, large: int = LARGE
) -> dict[str, NDArray[Any]]:
    """Return the numeric arrays in the file at ``path``; see ``read_npz``.

    Arrays of ``large`` bytes or more are unpacked to unnamed files, beside ``path`` if its folder
    is writable, and loaded into memory only where they are accessed.
    """
    with opened(path, most=_MOST_BYTES, error=error) as file:
        if os.fstat(file.fileno()).st_size >= large:
            return _read(file, str(path), error, (large, path.parent))
    return _read(io.BytesIO(file_bytes(path, error=error)), str(path), error, (large, path.parent))


def _read(
    file: IO[bytes], name: str, error: type[UsageError], aside: tuple[int, Path] | None
) -> dict[str, NDArray[Any]]:
    """Return the arrays in ``file``.

    ``aside``: the size in bytes from which on arrays go to files, and the folder of these files;
    None to keep all arrays in memory.
    """
    # not np.load: it takes any file that begins with "PK", and reports an empty one as EOFError
    with unpacking(name, "a file of arrays", error), zipfile.ZipFile(file) as archive:
        entries = members(archive, name, _MOST_ARRAYS, _most_bytes(), error)
        return {
            member.removesuffix(".npy"): _array(archive, entry, name, error, aside)
            for member, entry in entries.items()
        }


def _most_bytes() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not a POSIX system
        return _MOST_BYTES
    return min(_MOST_BYTES, int(_SHARE * memory))


def _array(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name: str,
    error: type[UsageError],
    aside: tuple[int, Path] | None,
) -> NDArray[Any]:
    about = f"{name}: the array {entry.filename.removesuffix('.npy')[:60]!r}"
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, by_column, kind = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, by_column, kind = np.lib.format.read_array_header_2_0(stream)
        else:
            raise error(f"{about} has format {version}, which is not supported")
        if kind.kind not in _KINDS:
            raise error(f"{about} is of type {kind}; it must be of numbers")
        wanted, n_bytes = math.prod(shape) * kind.itemsize, entry.file_size - stream.tell()
        if any(size < 0 for size in shape) or wanted != n_bytes:
            raise error(f"{about} is of shape {shape}, and the file holds {n_bytes:,} bytes of it")
        kept = aside is not None and n_bytes >= max(aside[0], 1)
        data: Any = nameless(n_bytes, aside[1]) if aside and kept else np.zeros(n_bytes, np.uint8)
        view, filled = memoryview(data), 0
        while filled < n_bytes and (
            count := cast("io.BufferedIOBase", stream).readinto(view[filled : filled + PIECE])
        ):
            filled += count
            let_go(data)
        # zipfile compares the checksum at the end
        if filled < n_bytes or stream.read(1):
            raise error(f"{about} ends early")
    array: NDArray[Any] = np.asarray(data).view(kind)
    array = array.astype(kind.newbyteorder("="), copy=False)
    return array.reshape(shape, order="F" if by_column else "C")
