"""A picture that a notebook displays, and that can be saved."""

import os
from dataclasses import dataclass
from pathlib import Path

from genlabel_robust.core import UsageError
from genlabel_robust.core.files.writing import write_bytes


@dataclass(frozen=True)
class Plot:
    """An SVG picture of a run, with its ``title``."""

    title: str
    svg: str

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as an SVG file, and return its path.

        Raises ``OutputError`` if it cannot be written, ``UsageError`` for a name with an ending
        other than ".svg", which would suggest another format.
        """
        file = Path(path)
        if file.suffix.lower() not in ("", ".svg"):
            raise UsageError(
                f"{file} ends in {file.suffix}, and a plot is an SVG picture; save it as "
                f"{file.with_suffix('.svg')}, which browsers open and other programs convert"
            )
        write_bytes(file, self.svg.encode())
        return file

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Plot({self.title!r}): save(path) writes it as SVG"
