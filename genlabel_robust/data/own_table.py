"""A table in a file as its owner's model takes it: every column as it was read."""

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
    """Return the features of the table in ``path``, which need hold none of what is left out."""
    return _table(path, _frame(path, category), target, drop)


def _table(path: str, frame: pd.DataFrame, target: str, drop: Sequence[str]) -> OwnTable:
    x = frame.drop(columns=[name for name in (target, *drop) if name in frame.columns])
    y = frame[target] if target in frame.columns else None
    file = _file(path)
    return OwnTable(x, y, read_as_missing(file, frame, [*x.columns]), whole_columns(x, file))


def _frame(path: str, category: Sequence[str]) -> pd.DataFrame:
    file = _file(path)
    frame = read_frame(file, category)
    # as text, and each once
    columns = column_names(Source(file.name, frame, ""))
    return frame.set_axis(columns, axis="columns")


def _file(path: str) -> Path:
    return Path(path).expanduser()
