"""Arrays that are too large for memory: each in a file that is read and written in parts."""

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

#: Arrays of at least this many bytes are kept in a file.
LARGE = 32 << 20
#: How many rows of an array are processed at a time.
ROWS = 1 << 16
#: How many bytes are written or read at a time, as in numpy.
PIECE = 16 << 20


class NewArray(Protocol):
    """A function that makes an array, filled with ``fill``; ``name`` identifies its file."""

    def __call__(
        self, name: str, shape: tuple[int, ...], fill: float, dtype: type = np.float64
    ) -> NDArray[Any]:
        """Return the array."""


def in_memory(
    name: str, shape: tuple[int, ...], fill: float, dtype: type = np.float64
) -> NDArray[Any]:
    """Return an array in memory; see ``NewArray``."""
    return np.full(shape, fill, dtype=dtype)


@dataclass(frozen=True)
class InFolder:
    """Makes arrays of ``least`` bytes or more in files in ``folder``, smaller ones in memory.

    The files are temporary; the creator of the object removes the folder.
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
        """Return a copy of ``array`` (n, ...) in a file if it is large, otherwise itself."""
        made = self._file(name, array.shape, array.dtype)
        if made is None:
            return array
        for rows in row_blocks(len(array)):
            made[rows] = array[rows]
            let_go(made)
        return made

    def remove(self) -> None:
        """Remove the folder and all its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any] | None:
        if np.prod(shape, dtype=np.int64) * dtype.itemsize < max(self.least, 1):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return np.memmap(self.folder / f"{name}.array", dtype, "w+", shape=shape)


def nameless(size: int, folder: Path | None = None) -> NDArray[np.uint8]:
    """Return an array of ``size`` bytes in an unnamed file, which vanishes with the array.

    ``folder``: the preferred folder, on a disk with room; None for the system's temporary folder.
    """
    if folder is not None and not os.access(folder, os.W_OK):
        folder = None
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, np.uint8, "w+", shape=(size,))


def let_go(*arrays: NDArray[Any] | None) -> None:
    """Release the memory of arrays that are in files; what was written to them stays."""
    for array in arrays:
        mapped = _mapping(array)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)


def of_file(array: NDArray[Any]) -> tuple[str, str, tuple[int, ...]] | None:
    """Return path, type and shape of an array that is a whole named file, otherwise None."""
    base: Any = array.base
    if not isinstance(array, np.memmap) or not isinstance(base, mmap.mmap):
        return None
    path: Any = array.filename
    if not isinstance(path, str | Path) or array.offset:
        return None
    return str(path), array.dtype.str, array.shape


def opened_file(path: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Open the array that ``of_file`` described, read-only."""
    return np.memmap(path, np.dtype(dtype), "r", shape=shape)


def row_blocks(n: int, size: int = ROWS) -> Iterator[slice]:
    """Yield slices of ``n`` rows in blocks of ``size``; a single empty block if ``n`` is 0."""
    for start in range(0, max(n, 1), size):
        yield slice(start, min(start + size, n))


def picked(array: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return some ``rows`` of ``array`` (n, ...), and release the memory of all others.

    Reading rows that lie far apart would otherwise load nearly all of the file.
    """
    some: NDArray[Any] = array[rows]
    let_go(array)
    return some


def in_parts(
    function: Callable[[Any], NDArray[Any]], rows: NDArray[Any], size: int = ROWS
) -> NDArray[Any]:
    """Apply ``function`` to ``rows`` (n, ...) in blocks of ``size`` and join the results."""
    if len(rows) <= size:
        return function(rows)
    parts = []
    for block in row_blocks(len(rows), size):
        parts.append(function(np.asarray(rows[block])))
        let_go(rows)
    return np.concatenate(parts)


def _mapping(array: NDArray[Any] | None) -> mmap.mmap | None:
    """Return the memory map behind an array or a view of one; None if there is none."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return base if isinstance(base, mmap.mmap) else None
