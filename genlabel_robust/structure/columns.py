"""What a pipeline does to each column of a table before the core of the model sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.columns.number_or_category import Category, Number

#: How a column of the core follows a number: it grows with it, falls with it, or is constant
#: between breaks.
Order: TypeAlias = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Column:
    """A column that a core takes: a function of ``part``, one column of the table, and no other.

    ``order``: how it follows a number that is not missing; if 0 it is constant up to and with
    each of the ascending ``breaks`` and after the last. Of a category it may be any function.
    ``slope``, ``intercept``: of an affine function of a number that is not missing, else None.
    ``exact``: whether it is monotone in floats as well, as sums, products and casts are; powers
    and interpolations need not be so in their last bits. ``same``: whether it is the number
    itself, as the table has it.
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
    """How raw features (d,) become the c columns that a core takes.

    ``parts``: the columns of the table that the raw features encode. ``show``: raw (n, d) ->
    what the core is given: an array or a sparse matrix (n, c), or a frame. ``low``, ``high``
    (d,): where raw numbers lie that exist, outside of which ``show`` need not answer. ``row``
    (d,): a raw row that exists. ``plain``: whether each column is a raw feature as it is, so that
    a threshold needs no place but its own.
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
        """The first raw feature of each part, and d: (c + 1,)."""
        return np.cumsum([0, *(len(part.names) for part in self.parts)])

    @cached_property
    def single(self) -> bool:
        """Whether the core is given numbers of float32."""
        shown = self.show(self.row[None])
        shown = shown if hasattr(shown, "toarray") else np.asarray(shown)
        return bool(shown.dtype == np.float32)

    def taking(self, columns: Sequence[int]) -> Front:
        """Return the front of a core that is given only ``columns`` of these, in that order."""

        def show(raw: FloatArray) -> Any:
            shown = self.show(raw)
            return shown.iloc[:, list(columns)] if hasattr(shown, "iloc") else shown[:, columns]

        plain = self.plain and list(columns) == list(range(len(self.columns)))
        return replace(
            self, columns=tuple(self.columns[i] for i in columns), show=show, plain=plain
        )

    def values(self, raw: FloatArray) -> FloatArray:
        """Return the core's columns as floats, NaN for missing: (n, d) -> (n, c)."""
        shown = self.show(raw)
        if hasattr(shown, "toarray"):
            shown = shown.toarray()
        return np.asarray(shown, dtype=np.float64)


def raw_front(raw: FloatArray, low: FloatArray, high: FloatArray) -> Front:
    """Return the front of a core that takes raw features (d,) as they are.

    ``raw`` (n, d): rows that exist; ``low``, ``high``: as of ``Front``.
    """
    parts = tuple(Number(f"feature {i}") for i in range(raw.shape[1]))
    columns = tuple(Column(i) for i in range(len(parts)))
    return Front(parts, columns, lambda rows: rows, low, high, raw[0], plain=True)
