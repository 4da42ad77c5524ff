"""Search along lines for models without a known structure: a grid of values, then bisection."""

import numpy as np

from genlabel_robust.certify.singles.asking import Asker
from genlabel_robust.certify.singles.ways import Lines, Points
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.table_columns import TableColumn

#: Grid values per line, both ends included; the line's start comes in addition.
VALUES = 61
#: Bisections between a correct and a mislabelled value.
_HALVINGS = 30


def points_on_grid(asker: Asker, column: TableColumn, lines: Lines, *, whole: bool) -> Points:
    """Return the first mislabelled grid value on either side of each line's start, refined.

    ``whole``: only values at whole steps from the line's start exist.
    """
    here = lines.values[:, 0]
    shares = np.linspace(0.0, 1.0, VALUES)
    values = lines.least[:, None] + (lines.most - lines.least)[:, None] * shares
    values = np.sort(np.concatenate([values, here[:, None]], axis=1), axis=1)
    if whole:
        values = here[:, None] + np.rint(values - here[:, None])
        # rounding can move a value beyond the end
        out = (values < lines.low[:, None]) | (values > lines.high[:, None])
        values = np.where(out, here[:, None], values)
        values.sort(axis=1)
    which = np.repeat(np.arange(len(lines)), values.shape[1])
    # a line that starts at the example is correct there; other starts are queried too
    own = (values == here[:, None]) & (lines.cost[:, None] == 0)
    others = ~own.ravel()
    marks = np.zeros(values.size, dtype=bool)
    marks[others] = asker.mislabelled(column, lines.at(which[others], values.ravel()[others]))
    wrong = marks.reshape(values.shape)
    ends = [_first(values, wrong, here, side) for side in (1, -1)]
    parts = [
        _drawn_near(asker, column, lines, numbers, right, bad, whole=whole)
        for numbers, right, bad in ends
    ]
    return Points.join(parts, len(column.features))


def _first(
    values: FloatArray, wrong: BoolArray, here: FloatArray, side: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the lines with an error on a ``side``, the last value before it, and its value."""
    away = side * (values - here[:, None])
    away = np.where(wrong & (away >= 0), away, np.inf)
    broken = np.flatnonzero(np.isfinite(away).any(axis=1))
    place = away[broken].argmin(axis=1)
    bad = values[broken, place]
    before = side * (values[broken] - bad[:, None]) < 0
    before &= side * (values[broken] - here[broken, None]) >= 0
    last = np.where(before, side * values[broken], -np.inf).max(axis=1)
    return broken, np.where(np.isfinite(last), side * last, bad), bad


def _drawn_near(
    asker: Asker,
    column: TableColumn,
    lines: Lines,
    which: IntArray,
    right: FloatArray,
    wrong: FloatArray,
    *,
    whole: bool,
) -> Points:
    """Bisect between ``right`` and ``wrong`` on the lines ``which`` (q,); return the wrong ends."""
    right, wrong = right.copy(), wrong.copy()
    here = lines.values[which, 0]
    for _ in range(_HALVINGS):
        middle = (right + wrong) / 2
        if whole:
            middle = here + np.floor(middle - here)
        active = np.flatnonzero((middle != right) & (middle != wrong))
        if not len(active):
            break
        bad = asker.mislabelled(column, lines.at(which[active], middle[active]))
        wrong[active[bad]], right[active[~bad]] = middle[active[bad]], middle[active[~bad]]
    return lines.at(which, wrong)
