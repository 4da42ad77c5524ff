"""The untouched test rows beside a run's results: what its adversarial examples began as."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.core.files import sweep, write_bytes
from genlabel_robust.data.task import Task

FOLDER = "inputs"


def save_inputs(path: Path, tasks: Iterable[Task]) -> None:
    """Write the test rows of ``tasks``, raw features in float64, into the run folder ``path``."""
    (path / FOLDER).mkdir(exist_ok=True)
    sweep(path / FOLDER)
    for task in tasks:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, ids=task.test_ids, x=task.x_test)
        write_bytes(path / FOLDER / f"{task.content_hash[:32]}.npz", buffer.getvalue())


def read_inputs(path: Path, content_hash: str) -> FloatArray | None:
    """Return the test rows (n, d) of the data with that hash; None if the run holds none."""
    file = path / FOLDER / f"{content_hash[:32]}.npz"
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            return np.asarray(arrays["x"], dtype=np.float64)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
