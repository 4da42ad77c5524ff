"""An input tensor of an ONNX session, and the conversion of table columns to it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import DataError, FloatArray, plural

#: Numbers this close to an integer count as that integer, as scaling and unscaling leave rounding
#: errors; and the largest integer up to which float64 has all integers.
_NEAR, _EXACT = 1e-6, 2.0**53


@dataclass(frozen=True)
class Input:
    """An input tensor of a session; ``shape``: (n, c), (n, 1, …, 1, c) or (n,)."""

    name: str
    type: Any
    shape: tuple[Any, ...]

    @property
    def whole(self) -> bool:
        """Whether its type is an integer type."""
        return issubclass(self.type, np.integer)

    @property
    def width(self) -> int | None:
        """The number of columns, or None if the model accepts any number."""
        last = self.shape[-1] if len(self.shape) > 1 else 1
        return last if isinstance(last, int) else None


def block(rows: Any, tensor: Input) -> Any:
    """Convert columns (n, c) of an array or a frame to the shape and type of ``tensor``."""
    if tensor.type is np.object_:
        values = np.stack([_texts(rows.iloc[:, i]) for i in range(rows.shape[1])], axis=1)
    elif isinstance(rows, pd.DataFrame):
        numbers = [_numbers(rows.iloc[:, i]) for i in range(rows.shape[1])]
        values = _typed(np.stack(numbers, axis=1), tensor)
    else:
        values = _typed(np.asarray(rows, dtype=np.float64), tensor)
    if len(tensor.shape) == 1:
        return values[:, 0]
    between = (1,) * (len(tensor.shape) - 2)
    return values.reshape(len(values), *between, values.shape[1])


def column_of(column: Any, tensor: Input) -> Any:
    """Convert a column (n,) of a frame to ``tensor``'s type and its shape, (n, 1) or (n,)."""
    values = _texts(column) if tensor.type is np.object_ else _typed(_numbers(column), tensor)
    return values if len(tensor.shape) == 1 else values[:, None]


def _typed(values: FloatArray, tensor: Input) -> Any:
    """Convert numbers to the type of ``tensor``.

    Raises ``DataError`` if an integer type cannot represent one of them.
    """
    if issubclass(tensor.type, np.floating):
        with np.errstate(over="ignore"):  # overflow to infinity happens outside this package too
            return values.astype(tensor.type)
    low, high = (0.0, 1.0)
    if tensor.whole:
        bounds = np.iinfo(tensor.type)
        low, high = max(float(bounds.min), -_EXACT), min(float(bounds.max), _EXACT)
    with np.errstate(invalid="ignore"):
        near = np.rint(values)
        fits = (np.abs(values - near) <= _NEAR) & (near >= low) & (near <= high)
    if not fits.all():
        raise DataError(
            f"the input {tensor.name!r} of the ONNX model takes whole numbers from {low:.0f} to "
            f"{high:.0f}, but the data have {values[~fits][0]}; round such columns first"
        )
    return near.astype(tensor.type)


def _numbers(column: Any) -> FloatArray:
    """Return the numbers (n,) of a column, with NaN for a missing one."""
    try:
        numbers = pd.to_numeric(column.astype(object))
        return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"the column {column.name!r} contains something that is not a number, but the ONNX "
            f"model takes numbers there: {' '.join(str(error).split())}"
        ) from error


def _texts(column: Any) -> Any:
    """Return the texts (n,) of a column as ``str`` objects; raises ``DataError`` if one is missing.

    A string tensor has no missing value, and the file does not say which text ("", "nan") stood
    for one in training.
    """
    missing = int(column.isna().sum())
    if missing:
        raise DataError(
            f"the column {column.name!r} has missing values ({plural(missing, 'text')}), but an "
            "ONNX model takes no missing texts; put the text there with which the model was "
            "trained"
        )
    texts = np.empty(len(column), dtype=object)
    texts[:] = [_text(value) for value in column.tolist()]
    return texts


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
