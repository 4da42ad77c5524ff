"""The verdict on rows that may break an example: by the trees, near ties by the library."""

from typing import Protocol

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.threat import AttackSpace, Norm

#: The most rows that are collected before the library is queried.
_MOST = 1024


class Predictor(Protocol):
    """The part of a model that the search uses."""

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""


class Judge:
    """The judge of candidate rows in one search around ``raw`` (d,), of label ``y``.

    Only rows within ``radius`` count. If a rival leads by more than ``tie``, the trees decide, and
    the library confirms the result once at the end. If the lead is smaller, only the library can
    tell. There can be thousands of such rows, so they are collected and queried together, each time
    twice as many.
    """

    def __init__(
        self,
        model: Predictor,
        space: AttackSpace,
        norm: Norm,
        raw: FloatArray,
        y: int,
        tie: float,
        radius: float,
    ) -> None:
        self._model, self._space, self._norm = model, space, norm
        self._raw, self._y, self._tie, self._radius = raw, y, tie, radius
        self._waiting: list[FloatArray] = []
        self._patience = 1
        #: How many rows the library was queried about.
        self.queries = 0

    def judge(self, raw: FloatArray, lead: float) -> FloatArray | None:
        """Return a row (d,) that breaks the example, this or an earlier one; None if none does."""
        if self.distance(raw) > self._radius:
            return None
        if lead > self._tie:
            return raw
        self._waiting.append(raw)
        return self.rest() if len(self._waiting) >= self._patience else None

    def rest(self) -> FloatArray | None:
        """Return the nearest of the waiting rows that the library mislabels, or None."""
        if not self._waiting:
            return None
        rows = np.stack(self._waiting)
        rows = rows[self._distance(rows) <= self._radius]
        self._waiting, self._patience = [], min(2 * self._patience, _MOST)
        if not len(rows):
            return None
        self.queries += len(rows)
        rows = rows[self._model.predict(rows) != self._y]
        return rows[self._distance(rows).argmin()] if len(rows) else None

    def draw_in(self, raw: FloatArray) -> float:
        """Accept only rows nearer than ``raw`` from now on; return the new radius."""
        self._radius = float(np.nextafter(self.distance(raw), -np.inf))
        return self._radius

    def distance(self, raw: FloatArray) -> float:
        """Return the distance of ``raw`` (d,) from the example."""
        return float(self._distance(raw[None])[0])

    def _distance(self, rows: FloatArray) -> FloatArray:
        here = np.broadcast_to(self._raw, rows.shape)
        return self._space.distance(here, rows, self._norm)
