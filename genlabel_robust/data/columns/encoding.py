"""Encoding of tables with categories and missing values as finite floats, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from packaging.version import Version

from genlabel_robust.core import BoolArray, DataError, FloatArray, plural, quoted
from genlabel_robust.data.columns.cells import Cells, in_order_of
from genlabel_robust.data.columns.number_or_category import Category, Number, column_from_dict

#: Whether a frame never shares memory with the array that it is made from (pandas 3 on).
_COPIED = Version(pd.__version__) >= Version("3")


@dataclass(frozen=True)
class Encoding:
    """The encoding of c columns of a table, ``parts``, as d columns of finite floats.

    A column of numbers is kept as it is. If values can be missing, a second column "NAME is
    missing" is 1 for missing values, and the first one then contains the lower median of the
    reference. A category that the attacker may not change is one column of codes; one that the
    attacker may change has a 0/1 column "NAME=LEVEL" for each level, and "NAME is missing" if
    values can be missing.
    """

    parts: tuple[Number | Category, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's own columns (c,)."""
        return tuple(part.name for part in self.parts)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the encoded columns (d,)."""
        return tuple(name for part in self.parts for name in part.names)

    @cached_property
    def trivial(self) -> bool:
        """Whether every column is a plain float, so that encoding changes nothing."""
        return self._numbers and all(part.dtype == "float64" for part in self.parts)

    @cached_property
    def plain(self) -> bool:
        """Whether models of finite numbers can take the encoded rows, as c columns.

        This is so if every column contains numbers without missing values, or true and false as 1
        and 0, and the attacker may not change the latter.
        """
        return not self.has_missing and not self.has_categories and not self._free

    @property
    def has_missing(self) -> bool:
        """Whether any column can have missing values."""
        return bool(self.missing)

    @property
    def has_categories(self) -> bool:
        """Whether any column contains something other than numbers, True and False."""
        return bool(self.categories)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The table's columns that can have missing values."""
        return tuple(
            part.name
            for part in self.parts
            if (part.fill if isinstance(part, Number) else part.missing) is not None
        )

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The table's categorical columns, except those of true and false."""
        return tuple(
            part.name for part in self.parts if isinstance(part, Category) and part.kind != "truth"
        )

    @cached_property
    def _numbers(self) -> bool:
        return all(isinstance(part, Number) and part.fill is None for part in self.parts)

    @property
    def _free(self) -> bool:
        return any(isinstance(part, Category) and part.free for part in self.parts)

    def encode(self, rows: Any, what: str = "x") -> FloatArray:
        """Return ``rows`` (n, c), a frame or an array, as finite floats (n, d).

        The columns of a frame are matched by name. Raises ``DataError`` for other columns, and for
        levels and missing values that the encoding does not have.
        """
        return self.encode_cells(in_order_of(self.columns, rows, what), what)

    def encode_cells(self, cells: Sequence[Cells], what: str) -> FloatArray:
        """Return c columns in the order of ``columns`` as finite floats (n, d)."""
        pairs = zip(self.parts, cells, strict=True)
        return np.column_stack([part.encode(column, what) for part, column in pairs])

    def matrix(self, raw: FloatArray) -> FloatArray:
        """Decode rows for models that take arrays: (n, d) -> (n, c), NaN for missing values.

        True and False become 1 and 0. Raises ``DataError`` if a column is not numeric.
        """
        if self.has_categories:
            raise DataError(f"{quoted(self.categories)} cannot be shown in an array of numbers")
        if self._numbers:
            return raw.copy()
        _refuse_not_finite(raw)
        return np.column_stack([part.number(block) for part, block in self.blocks(raw)])

    def frame(self, raw: FloatArray) -> pd.DataFrame:
        """Decode rows to a frame with the table's original columns: (n, d) -> (n, c).

        Numbers are floats, with NaN for missing values; columns that must stay integers have their
        original type, and so do categories with their levels. Raises ``DataError`` if ``raw`` is
        not finite.
        """
        if self.trivial:
            rows = raw if _COPIED else raw.copy()
            return pd.DataFrame(rows, columns=list(self.columns))
        _refuse_not_finite(raw)
        return pd.DataFrame({part.name: part.decode(block) for part, block in self.blocks(raw)})

    def present(self, raw: FloatArray) -> BoolArray:
        """Mark the entries that are actual numbers of the table: (n, d) -> (n, d).

        Codes and levels of categories, marks of missing values and fills are not.
        """
        marks = []
        for part, block in self.blocks(raw):
            own = np.zeros(block.shape, dtype=bool)
            if isinstance(part, Number):
                own[:, 0] = ~part.gone(block)
            marks.append(own)
        return np.column_stack(marks)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values that ``from_dict`` reads."""
        return {"columns": [part.as_dict() for part in self.parts]}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "Encoding":
        """Return the encoding that ``as_dict`` wrote; raises ``DataError`` for anything else."""
        columns = table.get("columns")
        if not isinstance(columns, list):
            raise DataError(f"{dict(table)!r} describes no encoding; it has no list of columns")
        return cls(tuple(column_from_dict(column) for column in columns))

    def blocks(self, raw: FloatArray) -> Iterator[tuple[Number | Category, FloatArray]]:
        """Yield each column of the table with its encoded columns (n, w) in ``raw`` (n, d)."""
        start = 0
        for part in self.parts:
            end = start + len(part.names)
            yield part, raw[:, start:end]
            start = end


def _refuse_not_finite(raw: FloatArray) -> None:
    # a run's arrays contain NaN where there is no adversarial example
    bad = ~np.isfinite(raw).all(axis=1)
    if bad.any():
        raise DataError(
            f"{plural(int(bad.sum()), 'encoded row')} of {len(raw)} hold NaN or infinity, which "
            "have no meaning in the encoding; leave these rows out"
        )
