"""A table in a file as the user's own model takes it, with all columns as they were read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.data.columns.whole_numbers import whole_columns
from genlabel_robust.data.sources.files import read_frame
from genlabel_robust.data.sources.read_as_missing import read_as_missing
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.table import column_names


@dataclass(frozen=True, eq=False)
class OwnTable:
    """The features ``x`` (n, c) of a table, and its labels ``y`` (n,), None if it has none.

    ``notices``: changes that reading made to the table, in sentences. ``whole``: its integer
    columns, see ``whole_columns``. ``by``: its columns that group rows.
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
    """Return the features and labels of the table in ``path``, a CSV or Parquet file.

    ``target``: the column of labels; ``drop``: columns that are not features; ``category``: columns
    of text, kept as they are written; ``by``: columns that group rows, which may also be dropped.
    Raises ``UnknownNameError``, ``ConfigurationError`` and ``DataError``.
    """
    frame = _frame(path, category)
    for what, use, names in (("target column", "", [target]), ("column", "to drop", drop)):
        for name in names:
            if name not in frame.columns:
                raise unknown_name(what, name, [*frame.columns], of=str(path), where=use)
    if target in drop:
        raise ConfigurationError(f"{target!r} is the target, and cannot be dropped")
    groups = group_columns(frame, by, target, path)
    return replace(_table(path, frame, target, drop), by=groups)


def own_features(
    path: str, target: str, drop: Sequence[str] = (), category: Sequence[str] = ()
) -> OwnTable:
    """Return the features of the table in ``path``; columns to leave out may be absent."""
    return _table(path, _frame(path, category), target, drop)


def _table(path: str, frame: pd.DataFrame, target: str, drop: Sequence[str]) -> OwnTable:
    x = frame.drop(columns=[name for name in (target, *drop) if name in frame.columns])
    y = frame[target] if target in frame.columns else None
    file = _file(path)
    return OwnTable(x, y, read_as_missing(file, frame, [*x.columns]), whole_columns(x, file))


def _frame(path: str, category: Sequence[str]) -> pd.DataFrame:
    file = _file(path)
    frame = read_frame(file, category)
    # column names become text and must be unique
    columns = column_names(Source(file.name, frame, ""))
    return frame.set_axis(columns, axis="columns")


def _file(path: str) -> Path:
    return Path(path).expanduser()
