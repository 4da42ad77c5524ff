"""Arrays that are too large to stay in memory: each in a file, of which parts are looked at."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

#: Bytes from which on an array is kept in a file.
LARGE = 32 << 20
#: Rows of an array that are looked at together.
ROWS = 1 << 16
#: Bytes that are written or read at once, as numpy does it.
PIECE = 16 << 20


class NewArray(Protocol):
    """Makes an array of a ``name`` whose numbers are all ``fill``."""

    def __call__(
        self, name: str, shape: tuple[int, ...], fill: float, dtype: type = np.float64
    ) -> NDArray[Any]:
        """Return it."""


def in_memory(
    name: str, shape: tuple[int, ...], fill: float, dtype: type = np.float64
) -> NDArray[Any]:
    """Return an array in memory; see ``NewArray``."""
    return np.full(shape, fill, dtype=dtype)


@dataclass(frozen=True)
class InFolder:
    """Makes arrays of ``least`` bytes or more in files of ``folder``, smaller ones in memory.

    The files are scratch: whoever has made them removes the folder.
    """

    folder: Path
    least: int = LARGE

    def __call__(
        self, name: str, shape: tuple[int, ...], fill: float, dtype: type = np.float64
    ) -> NDArray[Any]:
        """Return an array, in a file if it is large; see ``NewArray``."""
        made = self._file(name, shape, np.dtype(dtype))
        if made is None:
            return in_memory(name, shape, fill, dtype)
        flat = made.reshape(-1)
        for part in row_blocks(len(flat), PIECE // made.itemsize):
            flat[part] = fill
            let_go(made)
        return made

    def copied(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        """Return ``array`` (n, ...) as one in a file if it is large, else itself."""
        made = self._file(name, array.shape, array.dtype)
        if made is None:
            return array
        for rows in row_blocks(len(array)):
            made[rows] = array[rows]
            let_go(made)
        return made

    def remove(self) -> None:
        """Remove the folder with all files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any] | None:
        if np.prod(shape, dtype=np.int64) * dtype.itemsize < max(self.least, 1):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return np.memmap(self.folder / f"{name}.array", dtype, "w+", shape=shape)


def nameless(size: int, folder: Path | None = None) -> NDArray[np.uint8]:
    """Return ``size`` bytes in a file that nobody else sees, and that is gone with the array.

    ``folder``: where it is best, on a disk with room; None for where such files usually are.
    """
    if folder is not None and not os.access(folder, os.W_OK):
        folder = None
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, np.uint8, "w+", shape=(size,))


def let_go(*arrays: NDArray[Any] | None) -> None:
    """Keep no part in memory of those of ``arrays`` that are in files; what is written stays."""
    for array in arrays:
        mapped = _mapping(array)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)


def of_file(array: NDArray[Any]) -> tuple[str, str, tuple[int, ...]] | None:
    """Return path, type and shape of an array that is all of a file with a name, else None."""
    base: Any = array.base
    if not isinstance(array, np.memmap) or not isinstance(base, mmap.mmap):
        return None
    path: Any = array.filename
    if not isinstance(path, str | Path) or array.offset:
        return None
    return str(path), array.dtype.str, array.shape


def opened_file(path: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array that ``of_file`` described, to be read."""
    return np.memmap(path, np.dtype(dtype), "r", shape=shape)


def row_blocks(n: int, size: int = ROWS) -> Iterator[slice]:
    """Yield ``n`` rows in blocks of ``size``, one empty block for none."""
    for start in range(0, max(n, 1), size):
        yield slice(start, min(start + size, n))


def picked(array: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return some ``rows`` of ``array`` (n, ...), and keep in memory nothing of what lies between.

    Rows that are far apart in a file bring nearly all of it.
    """
    some: NDArray[Any] = array[rows]
    let_go(array)
    return some


def in_parts(
    function: Callable[[Any], NDArray[Any]], rows: NDArray[Any], size: int = ROWS
) -> NDArray[Any]:
    """Return what ``function`` gives for ``rows`` (n, ...), of which it sees ``size`` at once."""
    if len(rows) <= size:
        return function(rows)
    parts = []
    for block in row_blocks(len(rows), size):
        parts.append(function(np.asarray(rows[block])))
        let_go(rows)
    return np.concatenate(parts)


def _mapping(array: NDArray[Any] | None) -> mmap.mmap | None:
    """Return the file that an array, or what it is a view of, is in; None if in none."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return base if isinstance(base, mmap.mmap) else None
