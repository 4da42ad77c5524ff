"""Exact search, by bisection over floats, for raw values at which a core's columns pass cuts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.floats import at_ordinal, between, ordinal
from genlabel_robust.structure.structure import UnreadError

#: How many rows a pipeline transforms at a time.
_ROWS = 8192
#: Up to this many searches, each call does several halvings at once.
_FEW = 1000
#: The distances from a threshold, in neighbouring floats, at which a column that may not be
#: monotone in its last bits is checked.
_NEAR = np.array([*range(1, 33), *(2**i for i in range(6, 25))])


def places(front: Front, column: IntArray, cut: FloatArray) -> FloatArray:
    """Return the largest raw number at which each column is still on its first side of ``cut``.

    ``column``, ``cut`` (m,): columns of ``front`` that depend on a number. Up to that number, an
    increasing column is at most ``cut``, and a decreasing one above it. The result is -inf if this
    holds nowhere, and +inf if it holds everywhere, between the front's ``low`` and ``high`` and
    slightly beyond. Raises ``UnreadError`` if a column cannot be computed, or is not monotone near
    the result.
    """
    if front.plain or not len(column):
        return np.array(cut, dtype=np.float64)
    part = _parts(front)[column]
    falls = np.array([of.order for of in front.columns])[column] < 0
    low, high = (end[front.starts[part]] for end in _ends(front))

    def first_side(raw: FloatArray) -> BoolArray:
        times = len(raw) // len(column)
        values = ask(front, np.tile(column, times), np.tile(part, times), raw)
        if np.isnan(values).any():
            at = int(np.isnan(values).argmax())
            name = front.parts[part[at % len(part)]].name
            raise UnreadError(f"the pipeline makes NaN of {name} = {raw[at]!r}")
        return np.asarray((values <= np.tile(cut, times)) != np.tile(falls, times))

    a, b = ordinal(low), ordinal(high)
    at_low, at_high = first_side(low), first_side(high)
    if (at_high & ~at_low).any():
        raise UnreadError(_not_monotone(front, column, at_high & ~at_low))
    while (between(a, b) != a).any():
        a, b = _narrowed(a, b, first_side)
    found = np.where(at_high, np.inf, np.where(at_low, at_ordinal(a), -np.inf))
    _check_near(front, column, found, (low, high), first_side)
    return found


def _narrowed(
    a: IntArray, b: IntArray, first_side: Callable[[FloatArray], BoolArray]
) -> tuple[IntArray, IntArray]:
    """Return the part of each interval (m,) of ranks in which the side changes."""
    grid = [a, b]
    halvings = 1 if len(a) > _FEW else 4  # the time of a pipeline is spent per call, not per row
    for _ in range(halvings):
        middles = [between(one, other) for one, other in pairwise(grid)]
        grid = [place for pair in zip(grid, middles, strict=False) for place in pair] + [b]
    inner = np.stack(grid[1:-1])
    sides = first_side(at_ordinal(inner.ravel())).reshape(inner.shape)
    # how many points, counted from the first, are on the first side
    count = np.logical_and.accumulate(sides).sum(axis=0)
    every, column = np.stack(grid), np.arange(len(a))
    return every[count, column], every[count + 1, column]


def ask(front: Front, column: IntArray, part: IntArray, raw: FloatArray) -> FloatArray:
    """Return the value (m,) of each ``column`` if its ``part``, a number, is ``raw``.

    Each column depends on its own part only, so that queries about several parts share rows.
    """
    order = np.argsort(part, kind="stable")
    sizes = np.bincount(part, minlength=len(front.parts))
    first = np.cumsum(sizes) - sizes
    line = np.empty(len(part), dtype=np.int64)
    line[order] = np.arange(len(part)) - first[part[order]]
    rows = np.repeat(front.row[None], line.max(initial=-1) + 1, axis=0)
    rows[line, front.starts[part]] = raw
    for of in np.unique(part).tolist():
        if len(front.parts[of].names) == 2:
            rows[:, front.starts[of] + 1] = 0.0
    return values_of(front, rows)[line, column]


def values_of(front: Front, rows: FloatArray) -> FloatArray:
    """Return the columns of the core (n, c) for raw rows (n, d), computed in blocks."""
    with _answering():
        found = [front.values(rows[i : i + _ROWS]) for i in range(0, len(rows), _ROWS)]
    for values in found:
        if values.ndim != 2 or values.shape[1] != len(front.columns):
            raise UnreadError(
                f"the pipeline gives the shape {values.shape}, and not {len(front.columns)} columns"
            )
    return np.concatenate(found)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        with np.errstate(all="ignore"):
            yield
    except UnreadError:
        raise
    except Exception as error:  # a pipeline may raise anything for rows that it was not made for
        reason = " ".join(str(error).split())[:200]
        raise UnreadError(f"the pipeline does not answer for rows of the box: {reason}") from error


def _ends(front: Front) -> tuple[FloatArray, FloatArray]:
    """Return the range (d,), (d,) of raw features to search, slightly beyond the valid range.

    It is the valid range if the pipeline fails beyond it, as a logarithm does below 0.
    """
    size = np.maximum(np.abs(front.low), np.abs(front.high))
    beyond = 1e-6 * (front.high - front.low) + 1e-9 * size + 1e-300
    low, high = front.low - beyond, front.high + beyond
    column = np.flatnonzero(_numbers(front))
    part = _parts(front)[column]
    try:
        for end in (low, high):
            if not np.isfinite(ask(front, column, part, end[front.starts[part]])).all():
                return front.low, front.high
    except UnreadError:
        return front.low, front.high
    return low, high


def _parts(front: Front) -> IntArray:
    return np.array([of.part for of in front.columns], dtype=np.int64)


def _numbers(front: Front) -> BoolArray:
    return np.array([isinstance(front.parts[of.part], Number) for of in front.columns])


def _check_near(
    front: Front,
    column: IntArray,
    found: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    first_side: Callable[[FloatArray], BoolArray],
) -> None:
    """Raise ``UnreadError`` if a column is not monotone near ``found``, in its last bits."""
    rough = np.array([not of.exact for of in front.columns])[column] & np.isfinite(found)
    if not rough.any():
        return
    at = ordinal(np.where(rough, found, ends[0]))
    steps = np.concatenate([-_NEAR, 1 + _NEAR])
    together = max(1, _ROWS // len(column))
    for first in range(0, len(steps), together):
        some = steps[first : first + together, None]
        raw = np.clip(at_ordinal(at + some), *ends)
        looked = rough & (raw == at_ordinal(at + some))
        sides = first_side(raw.ravel()).reshape(raw.shape)
        wrong = (looked & (sides != (some < 0))).any(axis=0)
        if wrong.any():
            raise UnreadError(_not_monotone(front, column, wrong))


def _not_monotone(front: Front, column: IntArray, wrong: BoolArray) -> str:
    of = front.columns[int(column[int(wrong.argmax())])]
    return f"what the pipeline makes of {front.parts[of.part].name} is not monotone in floats"
