"""Weights on a core's columns, translated to weights on raw features."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.columns import Column, Front
from genlabel_robust.structure.folding.places import values_of
from genlabel_robust.structure.structure import UnreadError

#: Rounding operations of a score besides its sum: those of the input, the weight, and the
#: pipeline's own products and differences.
_BESIDE = 16


def folded_affine(
    weight: FloatArray,
    bias: FloatArray,
    front: Front,
    rounding: float,
    link: float = 0.0,
    *,
    skips_missing: bool = False,
) -> Affine:
    """Return ``weight`` (k, c) · columns + ``bias`` (k,) as a structure on raw features.

    The columns are those of ``front``. ``rounding``: the unit roundoff of the type in which the
    core computes; ``link``: the error of a link function in units of ``rounding``, if the library
    decides by its result. ``skips_missing``: whether NaN adds nothing. Raises ``UnreadError`` if a
    column is not an affine function of a number.
    """
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise UnreadError("a weight of the model is not finite")
    if weight.shape[1] != len(front.columns):
        raise UnreadError(
            f"the model has {weight.shape[1]} weights a class, and is given "
            f"{len(front.columns)} columns"
        )
    sums = _Sums(front, len(bias), skips_missing)
    sums.bias += bias
    sums.gross_bias += np.abs(bias)
    sums.add_all(weight)
    count = float(weight.shape[1] + _BESIDE)
    return Affine(
        weight=sums.weight,
        bias=sums.bias,
        rounding=rounding,
        origin=np.zeros(sums.weight.shape[1]),
        gross=count * np.abs(sums.gross),
        gross_bias=count * sums.gross_bias + link,
        flags=sums.flags if (sums.flags >= 0).any() else None,
        codes=tuple(sums.codes.items()),
    )


class _Sums:
    """Sums of the weights on raw features (k, d) over the columns, and of their magnitudes."""

    def __init__(self, front: Front, k: int, skips_missing: bool) -> None:
        d = int(front.starts[-1])
        self.weight, self.gross = np.zeros((k, d)), np.zeros((k, d))
        self.bias, self.gross_bias = np.zeros(k), np.zeros(k)
        self.flags = np.full(d, -1, dtype=np.int64)
        self.codes: dict[int, FloatArray] = {}
        self._front, self._skips = front, skips_missing

    def add_all(self, weight: FloatArray) -> None:
        """Add every column of the core with its ``weight`` (k, c)."""
        front = self._front
        for part in range(len(front.parts)):
            own = [i for i, column in enumerate(front.columns) if column.part == part]
            if own:
                self._add(part, own, weight[:, own])

    def _add(self, part: int, own: Sequence[int], weight: FloatArray) -> None:
        """Add the columns ``own`` (c,) that depend on ``part``, with weights (k, c)."""
        of, start = self._front.parts[part], int(self._front.starts[part])
        if isinstance(of, Category):
            values = self._values(_rows_of_codes(self._front, of, start), own)
            added = values @ weight.T
            size = np.abs(values) @ np.abs(weight).T
            if of.free:
                self.weight[:, start : start + len(of.names)] = added.T
                self.gross[:, start : start + len(of.names)] = size.T
            else:
                self.codes[start] = added
                self.gross_bias += size.max(axis=0)
            return
        slope, intercept = self._lines(of, start, own)
        self._line(start, weight, slope, intercept)
        if of.fill is None:
            return
        gone = self._front.row[None].copy()
        gone[0, start], gone[0, start + 1] = of.fill, 1.0
        shift = self._values(gone, own)[0] - intercept
        self.flags[start] = start + 1
        self.weight[:, start + 1] = weight @ shift
        self.gross[:, start + 1] = np.abs(weight) @ np.abs(shift)

    def _line(
        self, start: int, weight: FloatArray, slope: FloatArray, intercept: FloatArray
    ) -> None:
        self.weight[:, start] = weight @ slope
        self.gross[:, start] = np.abs(weight) @ np.abs(slope)
        self.bias += weight @ intercept
        self.gross_bias += np.abs(weight) @ np.abs(intercept)

    def _lines(self, of: Number, start: int, own: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Return slopes and intercepts (c,) of columns of a number that is not missing."""
        columns = [self._front.columns[i] for i in own]
        slope, intercept = np.zeros(len(own)), np.zeros(len(own))
        constant = [i for i, column in enumerate(columns) if _constant(column)]
        if constant:
            row = self._front.row[None].copy()
            if of.fill is not None:
                row[0, start + 1] = 0.0
            intercept[constant] = self._values(row, own)[0][constant]
        for i, column in enumerate(columns):
            if i in constant:
                continue
            if column.slope is None or column.intercept is None:
                raise UnreadError(f"what the pipeline makes of {of.name} is not affine")
            slope[i], intercept[i] = column.slope, column.intercept
        return slope, intercept

    def _values(self, rows: FloatArray, own: Sequence[int]) -> FloatArray:
        """Return the values (n, c) of the columns ``own`` in raw rows (n, d)."""
        values = values_of(self._front, rows)[:, list(own)]
        if self._skips:
            return np.nan_to_num(values, nan=0.0)
        if not np.isfinite(values).all():
            raise UnreadError("the pipeline makes NaN or infinity of a value, and the model none")
        return values


def _constant(column: Column) -> bool:
    """Return whether a column depends only on whether its number is missing."""
    return column.order == 0 and not column.breaks


def _rows_of_codes(front: Front, part: Category, start: int) -> FloatArray:
    """Return a raw row for each level, (levels, d)."""
    n = len(part.level_names)
    rows = np.repeat(front.row[None], n, axis=0)
    if part.free:
        rows[:, start : start + n] = np.eye(n)
    else:
        rows[:, start] = np.arange(n)
    return rows
