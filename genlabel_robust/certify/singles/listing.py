"""Lines with finitely many points to check: whole steps, or cells between thresholds."""

import numpy as np

from genlabel_robust.certify.singles.ways import Lines, Points
from genlabel_robust.core import FloatArray, IntArray

#: The rounding error of a number of whole steps.
_SLACK = 1e-6


def steps_of(lines: Lines) -> tuple[FloatArray, FloatArray]:
    """Return the number of whole steps that each line goes down, (l,) negative or 0, and up."""
    here = lines.values[:, 0]
    return np.ceil(lines.low - here - _SLACK), np.floor(lines.high - here + _SLACK)


def whole_points(lines: Lines) -> Points:
    """Return the points of ``lines`` at whole steps from their starts.

    A start counts as a point itself unless it is the example.
    """
    first, last = steps_of(lines)
    counts = (last - first + 1).astype(np.int64)
    which = np.repeat(np.arange(len(lines)), counts)
    # 0, 1, … on each line
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    step = first[which] + place
    moved = (step != 0) | (lines.cost[which] > 0)
    which, step = which[moved], step[moved]
    return lines.at(which, lines.values[which, 0] + step)


def cell_points(lines: Lines, thresholds: FloatArray, *, whole: bool) -> Points:
    """Return the nearest point of each cell between ``thresholds`` (t,) that the lines cross.

    A cell includes its upper threshold. ``whole``: only values at whole steps from a line's start
    exist.
    """
    parts = [_upward(lines, thresholds, whole), _downward(lines, thresholds, whole)]
    numbered = np.concatenate([which for which, _ in parts])
    numbers = np.concatenate([number for _, number in parts])
    # the cell of a line's start, unless that is the example
    start = np.flatnonzero(lines.cost > 0)
    numbered = np.concatenate([start, numbered])
    numbers = np.concatenate([lines.values[start, 0], numbers])
    # one step may cross several thresholds
    _, first = np.unique(np.stack([numbered, numbers]), axis=1, return_index=True)
    return lines.at(numbered[first], numbers[first])


def _upward(lines: Lines, thresholds: FloatArray, whole: bool) -> tuple[IntArray, FloatArray]:
    here = lines.values[:, 0]
    which, passed = _between(
        thresholds.searchsorted(here, side="left"),
        thresholds.searchsorted(lines.high, side="right"),
        thresholds,
    )
    if not whole:
        return which, np.nextafter(passed, np.inf)
    numbers = here[which] + np.floor(passed - here[which])
    # rounding may end a step too early, or exactly at the threshold
    return which, np.where(numbers <= passed, numbers + 1.0, numbers)


def _downward(lines: Lines, thresholds: FloatArray, whole: bool) -> tuple[IntArray, FloatArray]:
    here = lines.values[:, 0]
    which, passed = _between(
        thresholds.searchsorted(lines.low, side="left"),
        thresholds.searchsorted(here, side="left"),
        thresholds,
    )
    if not whole:
        return which, passed
    numbers = here[which] - np.floor(here[which] - passed)
    return which, np.where(numbers > passed, numbers - 1.0, numbers)


def _between(
    first: IntArray, last: IntArray, thresholds: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return the thresholds from index ``first`` (l,) to before ``last`` (l,), with their lines."""
    counts = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(first)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, thresholds[first[which] + place]
