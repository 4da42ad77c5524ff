"""Detection of integer columns, by their type or by how a file writes them.

The values alone do not decide: 2.0 may be a measurement that happens to be whole.
"""

import re
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from genlabel_robust.data.sources.files import is_parquet, read_cells_as_text

#: An integer in a column of text.
_WHOLE_TEXT = re.compile(r"[ \t\r\n]*[+-]?[0-9]+(?:[eE]\+?[0-9]+)?[ \t\r\n]*")
#: Names of integer types in numpy, pandas, pyarrow and polars.
_WHOLE_TYPE = re.compile(r"u?int(8|16|32|64)|bool(ean)?", re.IGNORECASE)


def whole_columns(frame: pd.DataFrame, file: Path | None = None) -> frozenset[str]:
    """Return the columns of ``frame`` that contain integers or truth values.

    ``file``: the file from which it was read, if any. pandas turns integers into floats if a value
    is missing. Such a column is an integer column if its type in a Parquet file says so, or, in a
    CSV file, if its values are whole and no present cell has a decimal point: 1e3 counts, 5.0 does
    not. The same holds for a column of text that may be read as numbers.
    """
    whole = {str(name) for name in frame.columns if is_whole(frame[name])}
    floats = [str(n) for n in frame.columns if getattr(frame[n].dtype, "kind", "") == "f"]
    if file is not None:
        of_file = _in_parquet if is_parquet(file) else _in_csv
        whole |= of_file(file, frame.set_axis([str(n) for n in frame.columns], axis=1)[floats])
    return frozenset(whole)


def is_whole(column: pd.Series) -> bool:
    """Return whether a column has an integer or boolean type.

    A column of Python objects counts if all present values are integers, and a column of text if
    all are written as integers.
    """
    if types.is_integer_dtype(column.dtype) or types.is_bool_dtype(column.dtype):
        return True
    if not (types.is_object_dtype(column.dtype) or isinstance(column.dtype, pd.StringDtype)):
        return False
    present = column.dropna().tolist()
    return all_whole(present) or (len(present) > 0 and all(_is_whole_text(v) for v in present))


def all_whole(values: Sequence[Any]) -> bool:
    """Return whether ``values`` is not empty and all values have an integer type."""
    return len(values) > 0 and all(isinstance(value, Integral | np.bool_) for value in values)


def whole_by_schema(frame: Any) -> frozenset[str]:
    """Return the integer columns of a frame other than pandas', by its own types.

    This is needed because they become floats in pandas if a value is missing. Frames of pyarrow
    have a ``schema`` of names and types, those of polars ``columns`` and ``dtypes``.
    """
    schema = getattr(frame, "schema", None)
    names, types = getattr(schema, "names", None), getattr(schema, "types", None)
    if not isinstance(names, list):
        names, types = getattr(frame, "columns", ()), getattr(frame, "dtypes", ())
    pairs = zip(names or (), types or (), strict=False)
    return frozenset(str(name) for name, kind in pairs if _WHOLE_TYPE.fullmatch(str(kind)))


def _is_whole_text(value: Any) -> bool:
    return isinstance(value, str) and _WHOLE_TEXT.fullmatch(value) is not None


def _in_parquet(file: Path, floats: pd.DataFrame) -> set[str]:
    import pyarrow.parquet as pq

    types = {field.name: str(field.type) for field in pq.read_schema(file)}
    return {name for name in floats.columns if _WHOLE_TYPE.fullmatch(types.get(name, ""))}


def _in_csv(file: Path, floats: pd.DataFrame) -> set[str]:
    names = [name for name in floats.columns if _values_are_whole(floats[name])]
    if not names:
        return set()
    columns = [str(name) for name in pd.read_csv(file, nrows=0, index_col=False).columns]
    written = read_cells_as_text(file, [columns.index(name) for name in names])
    points = [
        written[name].str.contains(".", regex=False) & floats[name].notna().to_numpy()
        for name in names
    ]
    return {name for name, point in zip(names, points, strict=True) if not point.any()}


def _values_are_whole(column: pd.Series) -> bool:
    values = column.dropna().to_numpy(dtype=np.float64)
    return bool(len(values) and np.isfinite(values).all() and (values == np.rint(values)).all())
