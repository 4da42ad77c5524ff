"""The arrays of a cell that is being made; large ones are in files of its run folder."""

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
    """Yield what makes the arrays of the cell ``key`` in the folder ``run``, gone afterwards."""
    refuse_links(run, PIECES)
    arrays = InFolder(run / PIECES / f"{key}-arrays")
    try:
        yield arrays
    finally:
        arrays.remove()
        with suppress(OSError):  # there is none, or finished pieces are in it
            (run / PIECES).rmdir()


def with_rows_in_files(task: Task, arrays: InFolder) -> Task:
    """Return ``task`` with its rows in files if they are large, which processes then share."""
    x = arrays.copied("x", task.x_test)
    if of_file(x) is None:
        return task
    if task.x_train is task.x_test:
        return replace(task, x_test=x, x_train=x)
    return replace(task, x_test=x, x_train=arrays.copied("reference", task.x_train))
