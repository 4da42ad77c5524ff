"""Tables with categories and missing values as finite floats, which attacks work on, and back."""

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

#: Whether a frame never shares memory with the array that it is made of, as since pandas 3.
_COPIED = Version(pd.__version__) >= Version("3")


@dataclass(frozen=True)
class Encoding:
    """How c columns of a table, ``parts``, stand as d columns of finite floats.

    A number is itself; where values can be missing, a second column "NAME is missing" is 1
    there, and the first holds the reference's lower median. A category is one column of codes,
    which is never changed, or, if the attacker may change it, a 0/1 column "NAME=LEVEL" for
    each level, "NAME is missing" among them.
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
        """Whether the encoded rows are what a model of finite numbers takes, c columns of them.

        So they are if every column is a number without a missing value, or true and false as
        1 and 0, which the attacker may not change.
        """
        return not self.has_missing and not self.has_categories and not self._free

    @property
    def has_missing(self) -> bool:
        """Whether a value can be missing."""
        return bool(self.missing)

    @property
    def has_categories(self) -> bool:
        """Whether a column can be no number; True and False are numbers, 1 and 0."""
        return bool(self.categories)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The table's columns in which a value can be missing."""
        return tuple(
            part.name
            for part in self.parts
            if (part.fill if isinstance(part, Number) else part.missing) is not None
        )

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The table's columns of categories that are not true and false."""
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

        The columns of a frame are found by their names. Raises ``DataError`` for other
        columns, and for levels and missing values that are none of the encoding's.
        """
        return self.encode_cells(in_order_of(self.columns, rows, what), what)

    def encode_cells(self, cells: Sequence[Cells], what: str) -> FloatArray:
        """Return c columns in the order of ``columns`` as finite floats (n, d)."""
        pairs = zip(self.parts, cells, strict=True)
        return np.column_stack([part.encode(column, what) for part, column in pairs])

    def matrix(self, raw: FloatArray) -> FloatArray:
        """Return what models that take arrays are shown: (n, d) -> (n, c), NaN for missing.

        True and False are 1 and 0. Raises ``DataError`` where a column is no number.
        """
        if self.has_categories:
            raise DataError(f"{quoted(self.categories)} cannot be shown in an array of numbers")
        if self._numbers:
            return raw.copy()
        _refuse_not_finite(raw)
        return np.column_stack([part.number(block) for part, block in self.blocks(raw)])

    def frame(self, raw: FloatArray) -> pd.DataFrame:
        """Return the table's own columns, as they were read: (n, d) -> (n, c).

        Numbers are floats with NaN for missing, but for those that are held to whole numbers:
        these have the type of their source, as categories do, and their levels. Raises
        ``DataError`` where ``raw`` is not finite.
        """
        if self.trivial:
            rows = raw if _COPIED else raw.copy()
            return pd.DataFrame(rows, columns=list(self.columns))
        _refuse_not_finite(raw)
        return pd.DataFrame({part.name: part.decode(block) for part, block in self.blocks(raw)})

    def present(self, raw: FloatArray) -> BoolArray:
        """Mark what is a number's own value: (n, d) -> (n, d).

        Codes and levels of categories are none, nor is what says that a value is missing, nor
        what stands in its place.
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
        """Yield each column of the table and its encoded columns (n, w) in ``raw`` (n, d)."""
        start = 0
        for part in self.parts:
            end = start + len(part.names)
            yield part, raw[:, start:end]
            start = end


def _refuse_not_finite(raw: FloatArray) -> None:
    # NaN stands in a run's arrays where there is no adversarial example
    bad = ~np.isfinite(raw).all(axis=1)
    if bad.any():
        raise DataError(
            f"{plural(int(bad.sum()), 'encoded row')} of {len(raw)} hold NaN or infinity, which "
            "have no meaning in the encoding; leave these rows out"
        )
