"""A finished run, opened again from its folder."""

import os
from pathlib import Path

from genlabel_robust.api.run import Run
from genlabel_robust.runs.folder.stored_run import read_run


def open_run(path: str | os.PathLike[str]) -> Run:
    """Return the finished run in the folder ``path``, as ``evaluate`` and ``audit`` return it.

    Nothing is computed, and nothing in the folder is executed. Raises ``OutputError`` if the
    folder contains no run, or if a file is damaged, was changed, or has a version that cannot be
    read; ``UnfinishedRunError`` if the run is not finished.
    """
    folder = Path(path)
    return Run(folder, read_run(folder).results)
