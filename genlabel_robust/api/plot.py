"""A picture that a notebook shows, and that can be saved."""

import os
from dataclasses import dataclass
from pathlib import Path

from genlabel_robust.core.files.writing import write_bytes


@dataclass(frozen=True)
class Plot:
    """An SVG picture of a run, under its ``title``."""

    title: str
    svg: str

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as an SVG file, and return where. Raises ``OutputError``."""
        file = Path(path)
        write_bytes(file, self.svg.encode())
        return file

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Plot({self.title!r}): save(path) writes it as SVG"
