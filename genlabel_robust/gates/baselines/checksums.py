"""Checks that a baseline is unchanged since it was saved."""

from pathlib import Path

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.runs.folder.checked.checksums import (
    SUMS,
    compare_files,
    compared_files,
    listed_in,
)
from genlabel_robust.runs.folder.finished import BASELINE


def check_sums(path: Path, folder: Path) -> str:
    """Check the baseline in ``folder``, and return the SHA-256 of its checksum file.

    ``path``: the baseline's name in messages. Raises ``OutputError`` if a file is changed,
    missing, or was added.
    """
    content, named = listed_in(folder, path, "a baseline")
    if BASELINE not in named and not (folder / BASELINE).exists():
        raise OutputError(
            f"{path} is not a baseline: it has no {BASELINE}; make a baseline of a finished run "
            "with `baseline save RUN --out BASELINE`"
        )
    for name in (BASELINE, *compared_files(folder)):
        if name not in named:
            raise OutputError(f"{path} is damaged: {SUMS} does not name {name}")
    compare_files(path, folder, named)
    return sha256(content)
