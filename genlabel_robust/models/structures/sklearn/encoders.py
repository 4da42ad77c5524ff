"""The numbers that encoders of scikit-learn distinguish, and how many columns they make."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.structure import Front, UnreadError
from genlabel_robust.structure.columns import Column
from genlabel_robust.structure.floats import at_ordinal, below, between, ordinal


def parts_of_one_hot(
    encoder: Any, front: Front, columns: Sequence[Column]
) -> Iterator[tuple[Column, tuple[float, ...], int]]:
    """Yield each column, the numbers that the encoder distinguishes in it, and its output width."""
    widths = encoder._n_features_outs
    for column, categories, width in zip(columns, encoder.categories_, widths, strict=True):
        yield column, categories_as("OneHotEncoder", categories, front, column), int(width)


def categories_as(encoder: str, categories: Any, front: Front, column: Column) -> tuple[float, ...]:
    """Return the raw numbers after which an encoder's output changes; empty for a category.

    An encoder looks up a number among its ``categories``: its output is constant between them.
    Raises ``UnreadError`` if the numbers are no longer those of the table.
    """
    part = front.parts[column.part]
    if not isinstance(part, Number):
        return ()
    if column.order == 0:  # it is already constant between breaks
        return column.breaks
    if not column.same:
        raise UnreadError(f"the pipeline's {encoder} takes numbers that were changed before it")
    wanted = np.asarray([c for c in categories.tolist() if c is not None and c == c])
    if wanted.dtype.kind not in "biuf":
        raise UnreadError(f"the pipeline's {encoder} takes numbers for texts")
    values = np.unique(wanted.astype(np.float64))
    return tuple(
        np.unique(np.concatenate([last_below(values, part), last_up_to(values, part)])).tolist()
    )


def last_below(values: FloatArray, part: Number) -> FloatArray:
    """Return the largest raw number that decodes to less than each of ``values``.

    For a column of integers, raw numbers decode to the nearest integer.
    """
    if part.dtype == "float64":
        return below(values)
    return _last_rounded_below(np.ceil(values))


def last_up_to(values: FloatArray, part: Number) -> FloatArray:
    """Return the largest raw number that decodes to at most each of ``values``."""
    if part.dtype == "float64":
        return values
    return _last_rounded_below(np.floor(values) + 1)


def _last_rounded_below(whole: FloatArray) -> FloatArray:
    """Return the largest float64 that rounds to less than each of ``whole``."""
    low, high = ordinal(whole - 1), ordinal(whole)
    while ((middle := between(low, high)) != low).any():
        under = np.rint(at_ordinal(middle)) < whole
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return at_ordinal(low)
