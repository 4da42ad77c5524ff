"""Conversion of a target column of any type to class codes and class names."""

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

from genlabel_robust.core import (
    DataError,
    FloatArray,
    IntArray,
    TooFewExamplesError,
    plural,
    quoted,
)
from genlabel_robust.data.features import is_numeric


def label_codes(target: pd.Series, *, name: str) -> tuple[IntArray, tuple[str, ...]]:
    """Return each row's class code (n,) and the k class names, sorted.

    Numbers are sorted as numbers, all else as text; whole floats are written as integers. ``name``:
    the data set's name in messages. Raises ``DataError`` if a label is missing or infinite, or if
    the numbers have fractions.
    """
    column = f"{name}: the target column {str(target.name)!r}"
    missing = int(target.isna().sum())
    if missing:
        raise DataError(
            f"{column} has no label in {plural(missing, 'row')} (empty, NA, null and None "
            "count as none); label or remove those rows"
        )
    values = target.astype(object).infer_objects()
    if is_numeric(values) and not is_bool_dtype(values.dtype):
        numbers, codes = np.unique(values.to_numpy(), return_inverse=True)
        _refuse_fractions(numbers.astype(np.float64), column)
        classes = tuple(str(int(number)) for number in numbers)
    else:
        texts = np.array([str(value) for value in values], dtype=object)
        names, codes = np.unique(texts, return_inverse=True)
        classes = tuple(str(text) for text in names)
    return codes.astype(np.int64), classes


def check_classes(y: IntArray, classes: tuple[str, ...], *, name: str) -> None:
    """Raise an error for a single class, or for a class of fewer than two rows.

    ``y``: (n,) codes into ``classes``. Raises ``DataError`` and ``TooFewExamplesError``.
    """
    if len(classes) < 2:
        raise DataError(
            f"{name}: the target has only one class, {quoted(classes)}; at least two are needed: "
            "check the name of the target column"
        )
    counts = np.bincount(y, minlength=len(classes))
    rare = [label for label, count in zip(classes, counts, strict=True) if count < 2]
    if rare:
        raise TooFewExamplesError(
            f"{name}: fewer than 2 rows of class {quoted(rare)} (of {len(classes)} classes); add "
            "rows of it, remove those rows, or check the name of the target column"
        )


def _refuse_fractions(numbers: FloatArray, column: str) -> None:
    if not np.isfinite(numbers).all():
        raise DataError(f"{column} holds infinite values; label or remove those rows")
    fractions = numbers[numbers != np.floor(numbers)]
    if fractions.size:
        raise DataError(
            f"{column} holds fractions such as {float(fractions[0])}, so this looks like a "
            "regression task; only classification is supported: bin the target into classes first"
        )
