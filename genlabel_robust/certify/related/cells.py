"""Rows in a box of cells that satisfy the relations, and the nearest of them."""

from __future__ import annotations

import numpy as np

from genlabel_robust.certify.related.row import RelatedRow
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.violations import violations

#: The rounding error at the edge of a box of moves, as a share of its features' steps.
_EDGE = 1e-9
#: The error in a length from the solver's tolerances, as a share of it.
_SHARE = 1e-5
#: The cost of one program, in nodes of a search.
WORK = 20


class RelatedCells:
    """The cells of a row's region within ``radius``, under the relations of ``related``.

    ``feature`` (a,): the features with several places; ``begin``, ``end`` (a, width): the first
    and the last value in the cell of each place; ``fixed``: for other features, by number, the
    first and the last value in their only cell. ``undecided``: whether a program ended with neither
    a row nor a proof that there is none.
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
        """Say whether a box of places may contain a row that satisfies the relations."""
        low, high, _, _ = self._edges(first, last)
        return self._related.possible(low, high)

    def near(self, first: IntArray, last: IntArray, raw: FloatArray) -> FloatArray | None:
        """Return a row (d,) in a box of places near ``raw`` (d,), by a quick repair, or None."""
        if self._related.space.relations.kept(self._related.raw[None], raw[None])[0]:
            return raw
        return self._repaired(
            (raw[self._related.space.axes] - self._own) / self._scale, first, last
        )

    def nearest(self, first: IntArray, last: IntArray, raw: FloatArray) -> FloatArray | None:
        """Return the nearest row (d,) in a box of places that satisfies the relations, or None.

        ``raw`` (d,): the nearest row without relations. Returns None if there is no such row, or
        sets ``undecided`` if that is unknown.
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
            point = None if move is None else self._repaired(move, first, last)
            if point is not None:
                found.append(point)
                break
        if not found and (close := self.near(first, last, raw)) is not None:
            found.append(close)
        self.undecided |= not found
        return found[0] if found else None

    def _edges(
        self, first: IntArray, last: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the lower and upper ends (m,) of the moves in a box, then of their raw values."""
        least, most = self._least.copy(), self._most.copy()
        least[self._at] = self._begin[self._rows, first[self._rows]]
        most[self._at] = self._end[self._rows, last[self._rows]]
        with np.errstate(over="ignore"):
            low = np.maximum(self._low, (least - self._own) / self._scale)
            high = np.minimum(self._high, (most - self._own) / self._scale)
        return low, high, least, most

    def _repaired(self, move: FloatArray, first: IntArray, last: IntArray) -> FloatArray | None:
        """Repair ``move`` (m,) and return its row (d,); None if that is not valid."""
        related = self._related
        space, raw = related.space, related.raw[None]
        low, high, least, most = self._edges(first, last)
        if (low > high + _EDGE).any():
            return None
        high = np.maximum(low, high)
        inside = np.clip(move, low, high)[None]
        existing = space.existing(raw, inside, low[None], high[None], None)[0]
        near = _EDGE * np.maximum(1.0, np.abs(existing))
        if ((existing < low - near) | (existing > high + near)).any():
            return None
        row = space.moved(raw, existing[None])
        # undo rounding across the edge of a cell
        row[0, space.axes] = np.clip(row[0, space.axes], least, most)
        if violations(space, raw, row)[0]:
            return None
        within: BoolArray = space.distance(raw, row, related.norm) <= self._radius
        return np.asarray(row[0]) if within[0] else None
