"""The untouched test rows beside a run's results, from which adversarial examples started."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from genlabel_robust.core import FloatArray, InputError, IntArray
from genlabel_robust.core.files.leftovers import sweep
from genlabel_robust.core.files.npz import read_npz_file
from genlabel_robust.core.files.npz_writing import write_npz
from genlabel_robust.core.files.writing import own_folder
from genlabel_robust.data import Task
from genlabel_robust.runs.folder.checked.group_columns import save_groups

FOLDER = "inputs"


def save_inputs(path: Path, tasks: Iterable[Task]) -> None:
    """Write the test rows of ``tasks``, raw features in float64, into the run folder ``path``.

    Also writes the columns that define groups of rows, if a task has any.
    """
    sweep(own_folder(path, FOLDER))
    for task in tasks:
        arrays = {"ids": task.test_ids, "x": task.x_test}
        write_npz(path / FOLDER / f"{task.content_hash[:32]}.npz", arrays)
        save_groups(path / FOLDER, task)


def read_inputs(path: Path, content_hash: str) -> FloatArray | None:
    """Return the test rows (n, d) of the data with that hash; None if the run has none."""
    found = read_test_rows(path, content_hash)
    return None if found is None else found[1]


def read_test_rows(path: Path, content_hash: str) -> tuple[IntArray, FloatArray] | None:
    """Return the rows' numbers in the source (n,), and the rows; None as for ``read_inputs``."""
    file = path / FOLDER / f"{content_hash[:32]}.npz"
    try:
        found = read_npz_file(file)
    except InputError:
        return None
    ids, x = found.get("ids"), found.get("x")
    if x is None or x.ndim != 2 or ids is None or ids.shape != x.shape[:1]:
        return None
    return ids, np.asarray(x, dtype=np.float64)
