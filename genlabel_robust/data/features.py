"""Conversion of numeric columns of a frame to a matrix of finite floats, with helpful errors."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype

from genlabel_robust.core import SHOWN, BoolArray, DataError, FloatArray, plural

#: The largest magnitude of a feature: its square must not overflow in a variance.
LARGEST = 1e100
#: Larger features, raw or scaled, overflow in products of a model's float32.
FARTHEST = 1e30


def is_numeric(column: pd.Series) -> bool:
    """Return whether a column contains real numbers or booleans; categories do not count."""
    return bool(is_numeric_dtype(column.dtype) and not is_complex_dtype(column.dtype))


def feature_matrix(frame: pd.DataFrame, columns: Sequence[str], *, name: str) -> FloatArray:
    """Return the d numeric ``columns`` of ``frame`` as floats (n, d).

    Raises ``DataError`` with the count per column if a value is missing, infinite or above 1e100 in
    magnitude. ``name``: the data set's name in messages.
    """
    x = np.column_stack(
        [frame[column].to_numpy(dtype=np.float64, na_value=np.nan) for column in columns]
    )
    _refuse(x, np.isnan, columns, f"{name}: missing values in")
    _refuse(x, np.isinf, columns, f"{name}: infinite values in")
    _refuse(x, _too_large, columns, f"{name}: magnitudes above {LARGEST:g} in")
    return x


def _too_large(x: FloatArray) -> BoolArray:
    return np.asarray(np.abs(x) > LARGEST)


def _refuse(
    x: FloatArray, bad: Callable[[FloatArray], BoolArray], columns: Sequence[str], what: str
) -> None:
    counts = bad(x).sum(axis=0)
    found = [
        f"{column!r} ({plural(int(count), 'row')})"
        for column, count in zip(columns, counts, strict=True)
        if count
    ]
    if found:
        more = f" and {len(found) - SHOWN} more columns" if len(found) > SHOWN else ""
        raise DataError(
            f"{what} {', '.join(found[:SHOWN])}{more}; fill or remove those rows, "
            "or leave the column out with --drop COLUMN"
        )
