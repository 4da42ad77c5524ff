"""The untouched test rows beside a run's results: what its adversarial examples began as."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from genlabel_robust.core import FloatArray, InputError
from genlabel_robust.core.files.leftovers import sweep
from genlabel_robust.core.files.npz import read_npz_file
from genlabel_robust.core.files.npz_writing import write_npz
from genlabel_robust.core.files.writing import own_folder
from genlabel_robust.data import Task
from genlabel_robust.runs.folder.group_columns import save_groups

FOLDER = "inputs"


def save_inputs(path: Path, tasks: Iterable[Task]) -> None:
    """Write the test rows of ``tasks``, raw features in float64, into the run folder ``path``.

    And, where a task has such, the values of the columns that tell groups of its rows apart.
    """
    sweep(own_folder(path, FOLDER))
    for task in tasks:
        arrays = {"ids": task.test_ids, "x": task.x_test}
        write_npz(path / FOLDER / f"{task.content_hash[:32]}.npz", arrays)
        save_groups(path / FOLDER, task)


def read_inputs(path: Path, content_hash: str) -> FloatArray | None:
    """Return the test rows (n, d) of the data with that hash; None if the run holds none."""
    file = path / FOLDER / f"{content_hash[:32]}.npz"
    try:
        found = read_npz_file(file).get("x")
    except InputError:
        return None
    return None if found is None or found.ndim != 2 else np.asarray(found, dtype=np.float64)
