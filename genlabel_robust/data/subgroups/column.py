"""A column whose values group rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.columns.cells import Cells, Level


@dataclass(frozen=True, eq=False)
class GroupColumn:
    """The values of a column in n rows: numbers, or levels of text, booleans or a category.

    ``numbers`` (n,): NaN where a value is missing; None if the column has levels. ``levels``: as
    text, in their order; ``codes`` (n,): their positions, -1 where a value is missing.
    """

    name: str
    numbers: FloatArray | None = None
    levels: tuple[str, ...] = ()
    codes: IntArray | None = None

    def __len__(self) -> int:
        values = self.numbers if self.codes is None else self.codes
        return 0 if values is None else len(values)

    @classmethod
    def of_cells(cls, cells: Cells) -> GroupColumn:
        """Return the column of ``cells``; a categorical column keeps its order of categories."""
        if cells.kind == "number":
            return cls(cells.name, np.asarray(cells.values, dtype=np.float64))
        levels = cells.categories or tuple(sorted(cells.levels, key=_order))
        position = {level: code for code, level in enumerate(levels)}
        codes = [
            -1 if gone else position[value]
            for value, gone in zip(cells.values.tolist(), cells.absent.tolist(), strict=True)
        ]
        return cls(cells.name, None, tuple(map(_text, levels)), np.array(codes, dtype=np.int64))

    def taken(self, rows: IntArray) -> GroupColumn:
        """Return the column restricted to ``rows``, by number."""
        numbers = None if self.numbers is None else self.numbers[rows]
        codes = None if self.codes is None else self.codes[rows]
        return replace(self, numbers=numbers, codes=codes)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, with null for missing values."""
        if self.codes is not None:
            return {"name": self.name, "levels": [*self.levels], "codes": self.codes.tolist()}
        numbers = [] if self.numbers is None else self.numbers.tolist()
        return {"name": self.name, "numbers": [None if v != v else v for v in numbers]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> GroupColumn:
        """Return what ``as_dict`` wrote; raises ``ValueError`` or ``TypeError`` otherwise."""
        name = str(stored["name"])
        if "numbers" in stored:
            numbers = [np.nan if v is None else float(v) for v in stored["numbers"]]
            return cls(name, np.array(numbers, dtype=np.float64))
        levels = tuple(map(str, stored["levels"]))
        codes = [int(code) for code in stored["codes"]]
        if any(not -1 <= code < len(levels) for code in codes):
            raise ValueError(f"column {name!r} has codes that stand for no level")
        return cls(name, None, levels, np.array(codes, dtype=np.int64))


def _order(level: Level) -> Any:
    # all levels of a column have one type, which mypy cannot know
    return level


def _text(level: Level) -> str:
    return str(int(level) if isinstance(level, float) and level.is_integer() else level)
