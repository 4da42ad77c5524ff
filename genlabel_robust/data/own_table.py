"""A table in a file as its owner's model takes it: every column as it was read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from pandas.api import types

from genlabel_robust.core import ConfigurationError, plural, quoted, unknown_name
from genlabel_robust.data.columns.whole_numbers import whole_columns
from genlabel_robust.data.sources.files import is_parquet, read_cells_as_text, read_frame
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.table import column_names


@dataclass(frozen=True, eq=False)
class OwnTable:
    """The features ``x`` (n, c) of a table, and its labels ``y`` (n,), None if it has none.

    ``notices``: what reading it did to the table, in whole sentences. ``whole``: its columns
    of whole numbers, see ``whole_columns``. ``by``: its columns that tell groups of rows apart.
    """

    x: pd.DataFrame
    y: pd.Series | None
    notices: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    by: tuple[GroupColumn, ...] = ()


def own_table(
    path: str,
    target: str,
    drop: Sequence[str] = (),
    category: Sequence[str] = (),
    by: Sequence[str] = (),
) -> OwnTable:
    """Return the features and the labels of the table in ``path``, a CSV or Parquet file.

    ``target``: its column of labels; ``drop``: columns that are no features;
    ``category``: columns that hold text, kept as they are written; ``by``: those that tell
    groups of rows apart, which may be dropped as well. Raises ``UnknownNameError``,
    ``ConfigurationError`` and ``DataError``.
    """
    frame = _frame(path, category)
    for what, names in (("target column", [target]), ("column to drop", drop)):
        for name in names:
            if name not in frame.columns:
                raise unknown_name(f"{what} in {path}", name, [*frame.columns])
    if target in drop:
        raise ConfigurationError(f"{target!r} is the target, and cannot be dropped")
    groups = group_columns(frame, by, target, path)
    return replace(_table(path, frame, target, drop), by=groups)


def own_features(
    path: str, target: str, drop: Sequence[str] = (), category: Sequence[str] = ()
) -> OwnTable:
    """Return the features of the table in ``path``, which need hold none of what is left out."""
    return _table(path, _frame(path, category), target, drop)


def _table(path: str, frame: pd.DataFrame, target: str, drop: Sequence[str]) -> OwnTable:
    x = frame.drop(columns=[name for name in (target, *drop) if name in frame.columns])
    y = frame[target] if target in frame.columns else None
    file = _file(path)
    return OwnTable(x, y, _taken_for_missing(file, frame, [*x.columns]), whole_columns(x, file))


def _taken_for_missing(path: Path, frame: pd.DataFrame, features: Sequence[str]) -> tuple[str, ...]:
    """Say which texts among the ``features`` of a CSV file count as missing.

    In columns of text they may be levels. Of numbers nothing is said: "NA" is none.
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


def _frame(path: str, category: Sequence[str]) -> pd.DataFrame:
    file = _file(path)
    frame = read_frame(file, category)
    # as text, and each once
    columns = column_names(Source(file.name, frame, ""))
    return frame.set_axis(columns, axis="columns")


def _file(path: str) -> Path:
    return Path(path).expanduser()
