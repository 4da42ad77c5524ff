"""The arrays of a cell during its computation; large ones are in files of its run folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from genlabel_robust.core.files.large_arrays import InFolder, of_file
from genlabel_robust.core.files.writing import refuse_links
from genlabel_robust.data import Task
from genlabel_robust.runs.folder.finished_pieces import PIECES


@contextmanager
def large_arrays(run: Path, key: str) -> Iterator[InFolder]:
    """Yield a maker of arrays, in temporary files, for the cell ``key`` in the folder ``run``."""
    refuse_links(run, PIECES)
    arrays = InFolder(run / PIECES / f"{key}-arrays")
    try:
        yield arrays
    finally:
        arrays.remove()
        with suppress(OSError):  # it is absent, or contains finished pieces
            (run / PIECES).rmdir()


def with_rows_in_files(task: Task, arrays: InFolder) -> Task:
    """Return ``task`` with large rows in files, which processes can share."""
    x = arrays.copied("x", task.x_test)
    if of_file(x) is None:
        return task
    if task.x_train is task.x_test:
        return replace(task, x_test=x, x_train=x)
    return replace(task, x_test=x, x_train=arrays.copied("reference", task.x_train))
