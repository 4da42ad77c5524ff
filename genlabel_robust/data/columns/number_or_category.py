"""Encoding of a single column of a table as columns of floats, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import BoolArray, DataError, FloatArray, IntArray, quoted
from genlabel_robust.data.columns.cells import CONTENT, Cells, Kind, Level


def missing_name(name: str) -> str:
    """Return the name of the 0/1 column that marks missing values of ``name``."""
    return f"{name} is missing"


@dataclass(frozen=True)
class Number:
    """A column of numbers; with a ``fill``, values can be missing and a second column marks them.

    ``fill``: the value of the first column where the number is missing. ``dtype``: its type in a
    frame; an integer type such as "int64" or "Int64" only if all rows that are ever decoded contain
    integers.
    """

    name: str
    fill: float | None = None
    dtype: str = "float64"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its encoded columns (w,)."""
        return (self.name,) if self.fill is None else (self.name, missing_name(self.name))

    def encode(self, cells: Cells, what: str) -> FloatArray:
        """Return its encoded columns (n, w); raises ``DataError`` for cells that do not fit."""
        if cells.kind != "number" and not cells.empty:
            raise at_odds(self.name, what, cells.kind, "number")
        if self.fill is None:
            if cells.absent.any():
                raise DataError(
                    f"{what}: column {self.name!r} has missing values, but had none when it was "
                    "first encoded; fill them"
                )
            return np.asarray(cells.values[:, None])
        # an empty column of another kind contains no floats
        values = np.full(len(cells.absent), self.fill)
        values[~cells.absent] = cells.values[~cells.absent]
        return np.column_stack([values, cells.absent.astype(np.float64)])

    def gone(self, block: FloatArray) -> BoolArray:
        """Mark the rows (n,) of its encoded columns (n, w) whose value is missing."""
        if self.fill is None:
            return np.zeros(len(block), dtype=bool)
        return np.asarray(block[:, 1] >= 0.5)

    def number(self, block: FloatArray) -> FloatArray:
        """Return the values (n,) of its encoded columns (n, w), NaN where the value is missing."""
        return np.where(self.gone(block), np.nan, block[:, 0])

    def decode(self, block: FloatArray) -> Any:
        """Return the values for a pandas column of the original type: (n, w) -> (n,).

        Integers become floats if a value does not fit into an integer type, or if one is missing
        and the type has no missing values.
        """
        values = self.number(block)
        if self.dtype == "float64":
            return values
        # scaling by an attack can turn 1000 into 999.9999999999999
        near, gone = np.rint(values), self.gone(block)
        nullable = self.dtype[0].isupper()
        for dtype in (self.dtype.lower(), "int64"):
            limits = np.iinfo(dtype)
            fits = (near >= limits.min) & (near < limits.max + 1.0)
            if (fits | (gone & nullable)).all():
                integers = np.where(gone, 0.0, near).astype(dtype)
                return _nullable(integers, gone) if nullable else integers
        return near

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": "number", **asdict(self)}


@dataclass(frozen=True)
class Category:
    """A column with ``levels``; if ``missing`` is not None, missing values are one more level.

    It is encoded as one column of codes or, if it is ``free``, as a 0/1 column for each level.
    ``kind``, ``dtype``, ``missing``, ``categories``, ``ordered``: as in its source, see ``Cells``.
    """

    name: str
    kind: Kind
    levels: tuple[Level, ...]
    dtype: str = "object"
    missing: str | None = None
    free: bool = False
    categories: tuple[Level, ...] = ()
    ordered: bool = False

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names that its levels have as columns."""
        named = tuple(f"{self.name}={level}" for level in self.levels)
        return named if self.missing is None else (*named, missing_name(self.name))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its encoded columns (w,)."""
        return self.level_names if self.free else (self.name,)

    def encode(self, cells: Cells, what: str) -> FloatArray:
        """Return its encoded columns (n, w); raises ``DataError`` for an unknown level."""
        if cells.kind != self.kind and not cells.empty:
            raise at_odds(self.name, what, cells.kind, self.kind)
        code = {level: number for number, level in enumerate(self.levels)}
        unknown = sorted(cells.levels - set(code), key=str)
        if unknown or (cells.absent.any() and self.missing is None):
            unexpected = quoted([str(level) for level in unknown]) if unknown else "missing values"
            raise DataError(
                f"{what}: column {self.name!r} contains {unexpected}, which is not one of its "
                f"levels: {quoted([str(level) for level in self.levels])}"
            )
        codes = np.full(len(cells.absent), len(self.levels), dtype=np.int64)
        codes[~cells.absent] = [code[level] for level in cells.values[~cells.absent]]
        if self.free:
            return np.asarray(np.eye(len(self.level_names))[codes])
        return codes[:, None].astype(np.float64)

    def codes(self, block: FloatArray) -> IntArray:
        """Return the code (n,) of each row's level in its columns (n, w); the argmax if free."""
        if self.free:
            return np.asarray(block.argmax(axis=1))
        last = len(self.level_names) - 1
        return np.clip(np.rint(block[:, 0]), 0, last).astype(np.int64)

    def number(self, block: FloatArray) -> FloatArray:
        """Return 1 for True, 0 for False and NaN for missing: (n, w) -> (n,)."""
        return np.array([0.0, 1.0, np.nan])[self.codes(block)]

    def decode(self, block: FloatArray) -> Any:
        """Return the values for a pandas column of the original type: (n, w) -> (n,)."""
        codes = self.codes(block)
        gone = codes == len(self.levels)
        if self.dtype == "category":
            place = {level: number for number, level in enumerate(self.categories)}
            places = np.array([*(place[level] for level in self.levels), -1], dtype=np.int64)
            kept = pd.CategoricalDtype(list(self.categories), ordered=self.ordered)
            return pd.Categorical.from_codes(places[codes].tolist(), dtype=kept)
        if self.dtype == "bool" and not gone.any():
            return codes == 1
        nothing = {"None": None, "NA": pd.NA}.get(self.missing or "", np.nan)
        values = np.empty(len(self.levels) + 1, dtype=object)
        values[:] = [*self.levels, nothing]
        if self.dtype in ("object", "bool"):
            # pandas would convert an array of text to its own text type
            return pd.Series(values[codes], dtype=object)
        return pd.array(values, dtype=_dtype(self.dtype)).take(codes)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = asdict(self)
        lists = {key: list(values[key]) for key in ("levels", "categories")}
        return {**values, **lists, "kind": "category", "levels_are": self.kind}


def column_from_dict(table: Mapping[str, Any]) -> Number | Category:
    """Return the column that ``as_dict`` wrote; raises ``DataError`` for anything else."""
    values = dict(table)
    try:
        if values.pop("kind") == "number":
            return Number(**values)
        values["kind"] = values.pop("levels_are")
        lists = {key: tuple(values[key]) for key in ("levels", "categories")}
        return Category(**{**values, **lists})
    except (KeyError, TypeError) as error:
        raise DataError(f"{dict(table)!r} describes no column of an encoding: {error}") from error


def at_odds(name: str, what: str, kind: Kind, expected: Kind) -> DataError:
    """Build the error for a column whose kind of values differs from that of other rows."""
    return DataError(
        f"column {name!r} holds {CONTENT[kind]} in {what} and {CONTENT[expected]} elsewhere; make "
        "it the same in all rows, or leave the column out"
    )


def _nullable(integers: IntArray, gone: BoolArray) -> Any:
    return pd.arrays.IntegerArray(integers, gone)


def _dtype(name: str) -> Any:
    if name != "str":
        return name
    try:
        return pd.StringDtype(na_value=np.nan)
    except TypeError:  # before pandas 2.3, columns of text have the type object
        return object
