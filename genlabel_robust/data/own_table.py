"""A table in a file as its owner's model takes it: every column as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.data.files import read_frame
from genlabel_robust.data.source import Source
from genlabel_robust.data.table import column_names

if TYPE_CHECKING:
    import pandas as pd


def own_table(path: str, target: str, drop: Sequence[str] = ()) -> tuple[pd.DataFrame, pd.Series]:
    """Return the features and the labels of the table in ``path``, a CSV or Parquet file.

    ``target``: its column of labels; ``drop``: columns that are no features. Raises
    ``UnknownNameError``, ``ConfigurationError`` and ``DataError``.
    """
    frame = _frame(path)
    for what, names in (("target column", [target]), ("column to drop", drop)):
        for name in names:
            if name not in frame.columns:
                raise unknown_name(f"{what} in {path}", name, [*frame.columns])
    if target in drop:
        raise ConfigurationError(f"{target!r} is the target, and cannot be dropped")
    return _features(frame, target, drop), frame[target]


def own_features(path: str, target: str, drop: Sequence[str] = ()) -> pd.DataFrame:
    """Return the features of the table in ``path``, which need hold none of what is left out."""
    return _features(_frame(path), target, drop)


def _features(frame: pd.DataFrame, target: str, drop: Sequence[str]) -> pd.DataFrame:
    return frame.drop(columns=[name for name in (target, *drop) if name in frame.columns])


def _frame(path: str) -> pd.DataFrame:
    frame = read_frame(Path(path).expanduser())
    # as text, and each once
    columns = column_names(Source(Path(path).name, frame, ""))
    return frame.set_axis(columns, axis="columns")
