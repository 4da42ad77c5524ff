"""The times of an earlier run, kept if the repeated command computes nothing new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.core.files.parsing import read_json

_TIMES = ("started", "finished", "seconds")


@dataclass(frozen=True)
class Ended:
    """The end of the run in a folder: its ``times`` as in ``Stopwatch``, and what identifies it.

    ``results``: the digest of its results; ``cells``: when each cell was written, in nanoseconds.
    """

    times: Mapping[str, Any] = field(default_factory=dict)
    results: str = ""
    cells: tuple[int, ...] = ()

    @classmethod
    def of(cls, folder: Path, keys: Sequence[str]) -> Ended:
        """Return the end of the run of the cells ``keys`` in ``folder``; empty if unfinished."""
        try:
            stored = read_json(folder / "manifest.json", error=OutputError)
            times = {name: stored[name] for name in _TIMES}
            results = file_sha256(folder / "results.json", error=OutputError)
            cells = tuple((folder / f"cells/{key}.json").stat().st_mtime_ns for key in keys)
        except (OutputError, OSError, KeyError, TypeError):
            return cls()
        return cls(times, results, cells) if times["finished"] is not None else cls()

    def still(self, folder: Path, keys: Sequence[str]) -> bool:
        """Say whether ``folder`` still contains the same cells and results."""
        if not self.times:
            return False
        now = tuple((folder / f"cells/{key}.json").stat().st_mtime_ns for key in keys)
        results = file_sha256(folder / "results.json", error=OutputError)
        return (now, results) == (self.cells, self.results)
