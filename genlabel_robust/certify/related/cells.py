"""The rows of a box of cells that keep to relations: whether there is one, and the nearest."""

from __future__ import annotations

import numpy as np

from genlabel_robust.certify.related.row import RelatedRow
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.violations import violations

#: What rounding can take off the edge of a box of moves, as a share of its features' steps.
_EDGE = 1e-9
#: What a solver's tolerances can add to a length, as a share of it.
_SHARE = 1e-5
#: How many nodes of a search one program costs.
WORK = 20


class RelatedCells:
    """The cells of a row's region within ``radius``, under the relations of ``related``.

    ``feature`` (a,): the features that have several places; ``begin``, ``end`` (a, width): the
    first and the last value of the cell of each place; ``fixed``: of other features, by number,
    the first and the last value of their only cell. ``undecided``: whether a program gave neither a
    row nor a proof that there is none.
    """

    def __init__(
        self,
        related: RelatedRow,
        feature: IntArray,
        begin: FloatArray,
        end: FloatArray,
        fixed: dict[int, tuple[float, float]],
        radius: float,
    ) -> None:
        self._related, self._radius = related, radius
        self.undecided, self.work = False, 0
        space = related.space
        place = {int(axis): i for i, axis in enumerate(space.axes)}
        moving = np.array([place.get(int(f), -1) for f in feature], dtype=np.int64)
        self._rows = np.flatnonzero(moving >= 0)
        self._at = moving[self._rows]
        self._begin, self._end = begin, end
        self._least = np.full(len(space.axes), -np.inf)
        self._most = np.full(len(space.axes), np.inf)
        for number, (first, last) in fixed.items():
            if number in place:
                self._least[place[number]], self._most[place[number]] = first, last
        self._own, self._scale = related.raw[space.axes], space.scale[space.axes]
        low, high = related.room
        if related.norm == "linf":
            low, high = np.maximum(low, -radius), np.minimum(high, radius)
        self._low, self._high = low, high

    def possible(self, first: IntArray, last: IntArray) -> bool:
        """Say whether a box of places may hold a row that keeps to relations."""
        low, high, _, _ = self._edges(first, last)
        return self._related.possible(low, high)

    def near(self, first: IntArray, last: IntArray, raw: FloatArray) -> FloatArray | None:
        """Return a row (d,) of a box of places near ``raw`` (d,) in it, None if none is at hand."""
        if self._related.space.relations.kept(self._related.raw[None], raw[None])[0]:
            return raw
        return self._shown((raw[self._related.space.axes] - self._own) / self._scale, first, last)

    def nearest(self, first: IntArray, last: IntArray, raw: FloatArray) -> FloatArray | None:
        """Return a row (d,) of a box of places, as near as any; None if there is none.

        ``raw`` (d,): the nearest without relations. Where it is not known, ``undecided`` is set.
        """
        if self._related.space.relations.kept(self._related.raw[None], raw[None])[0]:
            return raw
        low, high, _, _ = self._edges(first, last)
        found = []
        for loose in (True, False):
            self.work += WORK
            bound, move = self._related.nearest(low, high, loose=loose)
            if loose and bound > self._radius * (1 + _SHARE):
                return None
            shown = None if move is None else self._shown(move, first, last)
            if shown is not None:
                found.append(shown)
                break
        if not found and (close := self.near(first, last, raw)) is not None:
            found.append(close)
        self.undecided |= not found
        return found[0] if found else None

    def _edges(
        self, first: IntArray, last: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the box of moves (m,) and (m,), and its values in raw units."""
        least, most = self._least.copy(), self._most.copy()
        least[self._at] = self._begin[self._rows, first[self._rows]]
        most[self._at] = self._end[self._rows, last[self._rows]]
        with np.errstate(over="ignore"):
            low = np.maximum(self._low, (least - self._own) / self._scale)
            high = np.minimum(self._high, (most - self._own) / self._scale)
        return low, high, least, most

    def _shown(self, move: FloatArray, first: IntArray, last: IntArray) -> FloatArray | None:
        """Return the row (d,) that ``move`` (m,) leads to, repaired; None if it does not count."""
        related = self._related
        space, raw = related.space, related.raw[None]
        low, high, least, most = self._edges(first, last)
        if (low > high + _EDGE).any():
            return None
        high = np.maximum(low, high)
        inside = np.clip(move, low, high)[None]
        shown = space.existing(raw, inside, low[None], high[None], None)[0]
        near = _EDGE * np.maximum(1.0, np.abs(shown))
        if ((shown < low - near) | (shown > high + near)).any():
            return None
        row = space.moved(raw, shown[None])
        # what rounding took over the edge of a cell is brought back by as little
        row[0, space.axes] = np.clip(row[0, space.axes], least, most)
        if violations(space, raw, row)[0]:
            return None
        within: BoolArray = space.distance(raw, row, related.norm) <= self._radius
        return np.asarray(row[0]) if within[0] else None
