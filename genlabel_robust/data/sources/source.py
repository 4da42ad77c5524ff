"""What every reader returns: a frame as the source holds it, nothing checked yet."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, eq=False)
class Source:
    """A frame in the row order of its source, and which column is the target.

    ``name``: how results call the data set; it holds no directory. ``notices``:
    what reading it did to the table, in whole sentences. ``file``: what it was read from,
    if anything. ``nominal``: columns that hold levels of a category, whatever they look like.
    """

    name: str
    frame: pd.DataFrame
    target: str
    notices: tuple[str, ...] = ()
    file: Path | None = None
    nominal: tuple[str, ...] = ()
