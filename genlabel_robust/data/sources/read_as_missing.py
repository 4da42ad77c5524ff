"""Text in a CSV file that pandas reads as missing values although it may be a level."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api import types

from genlabel_robust.core import plural, quoted
from genlabel_robust.data.sources.files import is_parquet, read_cells_as_text


def read_as_missing(path: Path, frame: pd.DataFrame, features: Sequence[str]) -> tuple[str, ...]:
    """Return a notice about texts in the ``features`` that were read as missing values.

    ``frame`` was read from ``path``. Only columns of text are reported, where such a text may be a
    level; in a column of numbers, "NA" cannot be a value.
    """
    names = [name for name in features if frame[name].isna().any() and _is_text(frame[name])]
    if is_parquet(path) or not names:
        return ()
    columns = [*frame.columns]
    written = read_cells_as_text(path, [columns.index(name) for name in names])
    notices = []
    for i, name in enumerate(names):
        texts = written.iloc[:, i][frame[name].isna().to_numpy()]
        texts = texts[texts != ""]
        if len(texts):
            notices.append(_notice(path, name, sorted(set(texts)), len(texts)))
    return tuple(notices)


def _notice(path: Path, name: str, texts: Sequence[str], count: int) -> str:
    one = len(texts) == 1
    read, if_so, instead = (
        ("was read as a missing value", "it is a value", "another word")
        if one
        else ("were read as missing values", "they are values", "other words")
    )
    return (
        f"In column {name!r} of {path.name}, {quoted(texts)} {read} ({plural(count, 'row')}); if "
        f"{if_so}, store the table as Parquet, or write {instead}."
    )


def _is_text(column: pd.Series) -> bool:
    if types.is_numeric_dtype(column.dtype):
        return False
    return any(isinstance(value, str) for value in column.dropna())
