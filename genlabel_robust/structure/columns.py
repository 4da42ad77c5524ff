"""How a pipeline turns the columns of a table into the columns of the model's core.

The core is the part of the model that comes after all transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.columns.number_or_category import Category, Number

#: How a column of the core depends on a number: increasing, decreasing, or constant between breaks.
Order: TypeAlias = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Column:
    """A column of the core, which is a function of ``part``, a single column of the table.

    ``order``: how it depends on a number that is not missing; if 0 it is constant up to and
    including each of the ascending ``breaks``, and after the last one. For a category it may be any
    function. ``slope``, ``intercept``: those of an affine function of a number that is not missing,
    otherwise None. ``exact``: whether it is monotone in floats too, as sums, products and casts
    are; powers and interpolations may not be, in their last bits. ``same``: whether it is the
    unchanged number of the table.
    """

    part: int
    order: Order = 1
    breaks: tuple[float, ...] = ()
    slope: float | None = 1.0
    intercept: float | None = 0.0
    exact: bool = True
    same: bool = True


@dataclass(frozen=True, eq=False)
class Front:
    """The part of a model before its core: a map from raw features (d,) to the core's c columns.

    ``parts``: the columns of the table that the raw features encode. ``show``: raw (n, d) -> the
    input of the core: an array or a sparse matrix (n, c), or a frame. ``low``, ``high`` (d,): the
    range of valid raw numbers, outside of which ``show`` may fail. ``row`` (d,): a valid raw row.
    ``plain``: whether each column is an unchanged raw feature, so that thresholds stay the same.
    """

    parts: tuple[Number | Category, ...]
    columns: tuple[Column, ...]
    show: Callable[[FloatArray], Any]
    low: FloatArray
    high: FloatArray
    row: FloatArray
    plain: bool = False

    @cached_property
    def starts(self) -> IntArray:
        """The first raw feature of each part, and d as the last entry: (parts + 1,)."""
        return np.cumsum([0, *(len(part.names) for part in self.parts)])

    @cached_property
    def single(self) -> bool:
        """Whether the core takes float32."""
        rows = self.show(self.row[None])
        rows = rows if hasattr(rows, "toarray") else np.asarray(rows)
        return bool(rows.dtype == np.float32)

    def taking(self, columns: Sequence[int]) -> Front:
        """Return the front of a core that takes only these ``columns``, in this order."""

        def show(raw: FloatArray) -> Any:
            rows = self.show(raw)
            return rows.iloc[:, list(columns)] if hasattr(rows, "iloc") else rows[:, columns]

        plain = self.plain and list(columns) == list(range(len(self.columns)))
        return replace(
            self, columns=tuple(self.columns[i] for i in columns), show=show, plain=plain
        )

    def values(self, raw: FloatArray) -> FloatArray:
        """Return the core's columns as floats, NaN for missing: (n, d) -> (n, c)."""
        rows = self.show(raw)
        if hasattr(rows, "toarray"):
            rows = rows.toarray()
        return np.asarray(rows, dtype=np.float64)


def raw_front(raw: FloatArray, low: FloatArray, high: FloatArray) -> Front:
    """Return the front of a core that takes raw features (d,) directly.

    ``raw`` (n, d): valid rows; ``low``, ``high``: as for ``Front``.
    """
    parts = tuple(Number(f"feature {i}") for i in range(raw.shape[1]))
    columns = tuple(Column(i) for i in range(len(parts)))
    return Front(parts, columns, lambda rows: rows, low, high, raw[0], plain=True)
