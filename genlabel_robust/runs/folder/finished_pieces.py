"""Finished pieces of a cell, kept in the run's folder until the cell is complete."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import InputError, OutputError
from genlabel_robust.core.files.npz import read_npz
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.core.files.writing import (
    digest,
    json_text,
    own_folder,
    refuse_links,
    write_bytes,
)
from genlabel_robust.runs.assess.pieces.piece import Part
from genlabel_robust.runs.folder.manifest import environment

#: The folder within a run's folder, and the array for data that are not arrays.
PIECES, _ABOUT = "pieces", "about"

#: Seconds below which it is faster to repeat a piece than to write and read it.
_WORTH = 0.25


@dataclass(frozen=True)
class FinishedPieces:
    """The finished pieces of the cell ``key`` in the folder ``run``, each a file in ``path``.

    ``made_by``: a digest of the libraries and the kind of machine that made them.
    """

    run: Path
    key: str
    made_by: str

    @classmethod
    def of(cls, run: Path, key: str) -> FinishedPieces:
        """Return the finished pieces of the cell ``key`` in the folder ``run``.

        Pieces made by other library versions or another kind of processor are not included,
        because the last bits of their numbers may differ.
        """
        about = environment()
        made_by = {name: value for name, value in about.items() if name != "cores"}
        refuse_links(run, PIECES)
        return cls(run, key, digest(made_by)[:8])

    @property
    def path(self) -> Path:
        """The folder that contains them."""
        return self.run / PIECES / f"{self.key}-{self.made_by}"

    def any(self) -> bool:
        """Say whether there are any."""
        return self.path.is_dir() and any(self.path.glob("*.npz"))

    def read(self, key: str) -> Part | None:
        """Return the piece ``key``, None if it is absent or damaged."""
        path = self.path / f"{key}.npz"
        try:
            arrays = read_npz(file_bytes(path), str(path), error=OutputError)
            about = parsed_json(arrays.pop(_ABOUT).tobytes(), str(path))
            return Part(arrays, about["counts"], about["seconds"])
        except (InputError, OutputError, KeyError, TypeError, ValueError):
            return None

    def keep(self, key: str, part: Part) -> None:
        """Write the piece ``key`` atomically, if it took long enough."""
        if part.seconds < _WORTH:
            return
        own_folder(own_folder(self.run, PIECES), self.path.name)
        buffer = io.BytesIO()
        about = json_text({"counts": _plain(part.counts), "seconds": part.seconds})
        arrays: dict[str, Any] = {**part.arrays, _ABOUT: np.frombuffer(about.encode(), np.uint8)}
        np.savez(buffer, **arrays)
        write_bytes(self.path / f"{key}.npz", buffer.getvalue())


def remove_pieces(run: Path, key: str) -> None:
    """Remove all pieces of the complete cell ``key`` in ``run``, whatever made them."""
    pieces = run / PIECES
    for folder in pieces.glob(f"{key}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # it is absent, or contains those of another cell
        pieces.rmdir()


def _plain(counts: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: dict(known) for name, known in counts.items()}
