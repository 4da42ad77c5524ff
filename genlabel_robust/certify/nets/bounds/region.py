"""The allowed perturbations of one example: a box, and a ball around the example."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat import Norm

#: Bisections of the ball's multiplier; the bound is valid for any multiplier.
_HALVINGS = 50


@dataclass(frozen=True)
class Ball:
    """The perturbations (d,) of length at most ``radius`` in ``norm``; in L∞ a box suffices."""

    norm: Norm
    radius: float

    def minimise(
        self, slope: FloatArray, low: FloatArray, high: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return a lower bound (q,) of ``slope · δ`` over ball and box, and its minimiser.

        ``slope``, ``low``, ``high``: (q, d). The minimiser (q, d) lies in the box; in L2 and L1 it
        also lies in the ball, up to rounding. The bound is the Lagrangian one: for any multiplier
        m ≥ 0 it is the minimum over the box of ``slope · δ + m (|δ| - radius)``, with squares in
        L2, which is a sum over features.
        """
        corner = np.where(slope > 0, low, high)
        at_corner = (slope * corner).sum(axis=1)
        if self.norm == "linf":
            return at_corner, corner
        outside = self._size(corner) > self._limit
        value, point = at_corner.copy(), corner.copy()
        if outside.any():
            part = slope[outside], low[outside], high[outside]
            value[outside], point[outside] = self._within(*part)
        return value, point

    def empty(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Mark the boxes (q,) that certainly lie outside the ball; arguments: (q, d)."""
        if self.norm == "linf":
            return np.zeros(len(low), dtype=bool)
        return np.asarray(self._size(np.clip(0.0, low, high)) > self._limit * (1 + 1e-9))

    @property
    def _limit(self) -> float:
        return self.radius if self.norm == "l1" else self.radius**2

    def _size(self, delta: FloatArray) -> FloatArray:
        size = np.abs(delta) if self.norm == "l1" else delta**2
        return np.asarray(size.sum(axis=1))

    def _within(
        self, slope: FloatArray, low: FloatArray, high: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the result of ``minimise`` where the box's best corner is outside the ball."""
        largest = np.abs(slope).max(axis=1, initial=1e-300)
        # beyond this multiplier the minimiser is the point of the box nearest to the example
        if self.norm == "l2":
            largest = largest * 1e6 / max(self.radius, 1e-300)
        short, far = np.zeros(len(slope)), largest * 2
        for _ in range(_HALVINGS):
            # the geometric mean, because the multipliers span many orders of magnitude
            middle = np.where(short > 0, np.sqrt(short * far), far * 1e-3)
            out = self._size(self._least(slope, middle, low, high)) > self._limit
            short, far = np.where(out, middle, short), np.where(out, far, middle)
        point = self._least(slope, far, low, high)
        value = (slope * point).sum(axis=1) + self._price(far) * (self._size(point) - self._limit)
        if self.norm == "l1":  # the point on the ball lies between the two sides of the kink
            other = self._least(slope, short, low, high)
            inner, outer = self._size(point), self._size(other)
            share = np.clip((self._limit - inner) / np.maximum(outer - inner, 1e-300), 0, 1)
            point = point + share[:, None] * (other - point)
        # rounding of two large terms that nearly cancel
        scale = self._price(far) * self._limit + (np.abs(slope) * np.abs(point)).sum(axis=1)
        return value - 1e-13 * scale, point

    def _price(self, multiplier: FloatArray) -> FloatArray:
        return multiplier if self.norm == "l1" else multiplier / 2

    def _least(
        self, slope: FloatArray, multiplier: FloatArray, low: FloatArray, high: FloatArray
    ) -> FloatArray:
        """Return the minimiser (q, d) over the box of ``slope · δ + price · size``."""
        m = multiplier[:, None]
        if self.norm == "l2":
            return np.clip(-slope / np.maximum(m, 1e-300), low, high)
        toward = np.where(np.abs(slope) > m, np.where(slope > 0, low, high), 0.0)
        return np.clip(toward, low, high)
