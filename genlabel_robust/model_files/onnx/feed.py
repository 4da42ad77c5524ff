"""A tensor that an ONNX session takes, and what it is fed with for columns of a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import DataError, FloatArray, plural

#: Numbers this near to a whole one are that, after having been scaled and scaled back; and
#: the largest that a float64 holds without a gap.
_NEAR, _EXACT = 1e-6, 2.0**53


@dataclass(frozen=True)
class Input:
    """A tensor that a session takes; ``shape`` (n, c), (n, 1, …, 1, c) or (n,)."""

    name: str
    type: Any
    shape: tuple[Any, ...]

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return issubclass(self.type, np.integer)

    @property
    def width(self) -> int | None:
        """The number of its columns, None if any will do."""
        last = self.shape[-1] if len(self.shape) > 1 else 1
        return last if isinstance(last, int) else None


def block(rows: Any, tensor: Input) -> Any:
    """Return columns (n, c) of an array or a frame as their tensor, of ``tensor.shape``."""
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
    """Return a column of a frame (n,) as its tensor, (n, 1) or (n,)."""
    values = _texts(column) if tensor.type is np.object_ else _typed(_numbers(column), tensor)
    return values if len(tensor.shape) == 1 else values[:, None]


def _typed(values: FloatArray, tensor: Input) -> Any:
    """Return numbers in the type of ``tensor``; raises ``DataError`` where that changes them."""
    if issubclass(tensor.type, np.floating):
        with np.errstate(over="ignore"):  # infinite is what the model would be given elsewhere too
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
    """Return the numbers of a column (n,), NaN where one is missing."""
    try:
        numbers = pd.to_numeric(column.astype(object))
        return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"the column {column.name!r} contains something that is not a number, but the ONNX "
            f"model takes numbers there: {' '.join(str(error).split())}"
        ) from error


def _texts(column: Any) -> Any:
    """Return the texts of a column (n,), objects of ``str``; raises where one is missing.

    A text tensor knows no missing value: which text stood for it when the model was trained
    ("", "nan") is not in the file.
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
