"""Checks that a folder contains a finished run, which can be read, judged and verified."""

from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError, UnfinishedRunError
from genlabel_robust.core.files.opening import is_regular
from genlabel_robust.runs.folder.bundle import refuse_without
from genlabel_robust.runs.results.schema import read_document

MANIFEST = "manifest.json"
#: The file that only a baseline has.
BASELINE = "baseline.json"


def is_baseline(folder: Path) -> bool:
    """Return whether the run in ``folder`` is a baseline, which has neither pages nor tables."""
    return is_regular(folder / BASELINE)


def finished_manifest(folder: Path, *, whole: bool = True) -> dict[str, Any]:
    """Return the manifest of the run in ``folder``; ``whole``: whether its rows are required.

    Raises ``UnfinishedRunError`` if the run is not finished, ``OutputError`` if there is none,
    if the file is damaged, or if the folder is a bundle without its rows.
    """
    path = folder / MANIFEST
    try:
        stored = read_document(path, "manifest", error=OutputError)
    except OutputError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            message = f"{folder} does not contain a finished run: there is no {path}"
            if folder.suffix.lower() == ".zip" and folder.is_file():
                message = f"{folder} is a zip; unpack it, and give the folder"
            raise OutputError(message) from error
        raise
    if whole:
        refuse_without(folder, "rows")
    if stored["finished"] is None:
        raise UnfinishedRunError(f"{folder}: the run is not finished; repeat its command")
    return stored
