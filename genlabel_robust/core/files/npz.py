"""The one place where stored arrays are read: ``.npz`` of numbers, headers before the data."""

import io
import math
import os
import zipfile
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core.errors import InputError, UsageError
from genlabel_robust.core.files.archives import members, unpacking

#: The most arrays in a file, and the most bytes that they take, whatever memory there is.
_MOST_ARRAYS, _MOST_BYTES = 64, 16 << 30
#: Of the machine's memory, the share that the arrays of one file may take.
_SHARE = 0.5
#: Numbers and truth values; texts, objects and dates are none of what is stored.
_KINDS = "iufb"


def read_npz(
    content: bytes, name: str, *, error: type[UsageError] = InputError
) -> dict[str, NDArray[Any]]:
    """Return the arrays of numbers in ``content``, a ``.npz`` file; nothing is unpickled.

    ``name``: what a message calls it. Raises ``error``, in one sentence, for what is no such file
    or is damaged, for arrays that are no numbers or not as long as their headers say, and where
    they would take more than half of the memory.
    """
    # not by numpy: "PK" alone is enough for it, and of an empty file it says what Ctrl-D says
    with (
        unpacking(name, "a file of arrays", error),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
    ):
        entries = members(archive, name, _MOST_ARRAYS, _most_bytes(), error)
        return {
            member.removesuffix(".npy"): _array(archive, entry, name, error)
            for member, entry in entries.items()
        }


def _most_bytes() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # no POSIX system
        return _MOST_BYTES
    return min(_MOST_BYTES, int(_SHARE * memory))


def _array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, error: type[UsageError]
) -> NDArray[Any]:
    about = f"{name}: the array {entry.filename.removesuffix('.npy')[:60]!r}"
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, by_column, kind = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, by_column, kind = np.lib.format.read_array_header_2_0(stream)
        else:
            raise error(f"{about} is of format {version}, which is not read")
        if kind.kind not in _KINDS:
            raise error(f"{about} is of type {kind}; it must be of numbers")
        wanted, held = math.prod(shape) * kind.itemsize, entry.file_size - stream.tell()
        if any(size < 0 for size in shape) or wanted != held:
            raise error(f"{about} is of shape {shape}, and the file holds {held:,} bytes of it")
        data = bytearray(held)
        view, filled = memoryview(data), 0
        while filled < held and (
            count := cast("io.BufferedIOBase", stream).readinto(view[filled:])
        ):
            filled += count
        # to the end, where its checksum is compared
        if filled < held or stream.read(1):
            raise error(f"{about} ends early")
    array: NDArray[Any] = np.frombuffer(data, dtype=kind)
    array = array.astype(kind.newbyteorder("="), copy=False)
    return array.reshape(shape, order="F" if by_column else "C")
