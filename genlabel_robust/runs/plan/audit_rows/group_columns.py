"""The columns by which an audit groups its rows, and which of them the model takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import DataError, plural, quoted
from genlabel_robust.data.columns.cells import is_frame, read_cells
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.inputs.view import columns_of, made_up


def columns_in_memory(x: Any, by: Sequence[str] | Mapping[str, Any]) -> tuple[GroupColumn, ...]:
    """Return the columns ``by`` of ``x`` (n, c), or the values (n,) in a mapping by name.

    Raises the errors of ``group_columns``, and ``DataError`` if the lengths differ.
    """
    if not by:
        return ()
    if isinstance(by, Mapping):
        columns = {str(name): pd.Series(values) for name, values in by.items()}
        n = len(x)
        for name, column in columns.items():
            if len(column) != n:
                raise DataError(
                    f"by: {name!r} has {plural(len(column), 'value')} and x {plural(n, 'row')}; "
                    "give one value for each row"
                )
        # by position, because the same row may have different index labels in two frames
        frame = pd.DataFrame({k: v.reset_index(drop=True) for k, v in columns.items()})
        return group_columns(frame, list(frame.columns), None, "by")
    if not is_frame(x):
        cells = read_cells(x, "x")
        x = pd.DataFrame({one.name: one.values for one in cells})
    frame = x.to_pandas() if hasattr(x, "to_pandas") else x
    return group_columns(frame.set_axis(map(str, frame.columns), axis=1), by, None, "x")


def without_groups(
    model: Any, x: Any, reference: Any, by: Sequence[GroupColumn], what: str
) -> tuple[Any, Any, list[str]]:
    """Return ``x`` and its reference without the columns ``by`` that ``model`` does not take.

    The model takes the columns that it knows by name. If it knows no names, it takes those that
    the reference also has, or all without a reference. Third, returns a notice if a column was
    left out, in which ``what`` is the name of ``x``.
    """
    if not is_frame(x):
        return x, reference, []
    there = [str(name) for name in _columns(x)]
    names = [column.name for column in by if column.name in there]
    known = _names(model)
    if known is None and is_frame(reference):
        known = {_alike(str(name)) for name in _columns(reference)}
    left_out = [] if known is None else [name for name in names if _alike(name) not in known]
    if not left_out:
        return x, reference, []
    tell = "tells" if len(left_out) == 1 else "tell"
    notice = (
        f"In {what}, {quoted(left_out)} only {tell} groups of rows apart: the model does not take "
        f"{'it' if len(left_out) == 1 else 'them'}."
    )
    return _without(x, left_out), _without(reference, left_out), [notice]


def _without(rows: Any, names: Sequence[str]) -> Any:
    """Return the frame without the columns ``names``, as a frame of the same library."""
    if not is_frame(rows):
        return rows
    own = _columns(rows)
    if hasattr(rows, "loc"):
        return rows.loc[:, np.array([str(name) not in names for name in own])]
    return rows.select([name for name in own if name not in names])


def _columns(frame: Any) -> list[Any]:
    # in a pyarrow table ``columns`` are the values
    return list(getattr(frame, "column_names", frame.columns))


def _names(model: Any) -> set[str] | None:
    """Return the columns that ``model`` knows by name; None if it knows none."""
    names = model.columns if isinstance(model, LibraryModel) else columns_of(model)[0]
    if names is None or made_up(list(names)) is not None:
        return None
    return {*map(_alike, names)}


def _alike(name: str) -> str:
    # LightGBM replaces blanks by underscores
    return name.replace(" ", "_")
