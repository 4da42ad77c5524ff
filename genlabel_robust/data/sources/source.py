"""The result of every reader: a frame as in its source, unchecked."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, eq=False)
class Source:
    """A frame in the row order of its source, and the name of its target column.

    ``name``: the data set's name in results, without a directory. ``notices``: changes that reading
    made to the table, in sentences. ``file``: the file from which it was read, if any. ``nominal``:
    columns that are declared as categories.
    """

    name: str
    frame: pd.DataFrame
    target: str
    notices: tuple[str, ...] = ()
    file: Path | None = None
    nominal: tuple[str, ...] = ()
