"""Arrays written as ``.npz``: the same bytes as numpy writes, large arrays in parts."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core.files.large_arrays import PIECE, let_go, of_file, row_blocks
from genlabel_robust.core.files.writing import write_by


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write ``arrays``, by name, to a compressed file at ``path``, atomically."""
    write_by(path, lambda file: save_npz(file, arrays))


def save_npz(file: IO[bytes], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write ``arrays``, by name, to ``file``, compressed."""
    if not any(of_file(array) for array in arrays.values()):
        named: dict[str, Any] = {**arrays}
        np.savez_compressed(file, **named)
        return
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                if of_file(array):
                    _write_in_parts(member, array)
                else:
                    np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def _write_in_parts(member: IO[bytes], array: NDArray[Any]) -> None:
    header = np.lib.format.header_data_from_array_1_0(array)
    np.lib.format.write_array_header_1_0(member, header)
    flat = array.reshape(-1)
    for part in row_blocks(len(flat), PIECE // array.itemsize):
        member.write(flat[part].tobytes())
        let_go(array)
