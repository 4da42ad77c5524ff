"""The step lengths of the Boundary attack, adapted to how often steps succeed."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: Inward steps below this share of the distance are negligible.
_NEGLIGIBLE = 1e-7


class StepLengths:
    """``sideways`` and ``inward`` (r,): the lengths of r walks, as shares of the distance.

    The rule is that of foolbox 3.3, by the authors of Brendel et al. 2018 (1712.04248):
    both grow where more than half of the last 100 noted sideways moves alone stay
    adversarial, and shrink below a fifth; the inward one also grows where more than a
    quarter of the last 30 whole steps do, and shrinks below a tenth.
    """

    def __init__(self, sideways: float, inward: float, factor: float, walks: int) -> None:
        self.sideways, self.inward = np.full(walks, sideways), np.full(walks, inward)
        self._factor = factor
        self._sideways_rate = _Rate(100, 0.2, 0.5, walks)
        self._step_rate = _Rate(30, 0.1, 0.25, walks)

    def keep_going(self) -> IntArray:
        """Drop the walks whose steps have become negligible; return which are left."""
        going = np.flatnonzero(self.inward >= _NEGLIGIBLE)
        self.sideways, self.inward = self.sideways[going], self.inward[going]
        for rate in (self._sideways_rate, self._step_rate):
            rate.seen = rate.seen[:, going]
        return going

    def adapt(self, kept: BoolArray, reached: BoolArray) -> None:
        """Note whether the sideways moves (r,) and the whole steps (r,) were adversarial."""
        both = self._factor ** self._sideways_rate.verdict(kept)
        self.sideways *= both
        self.inward *= both * self._factor ** self._step_rate.verdict(reached)


class _Rate:
    """The share of successes among the last ``length`` noted, each walk for itself."""

    def __init__(self, length: int, low: float, high: float, walks: int) -> None:
        self._low, self._high = low, high
        self.seen = np.full((length, walks), np.nan)
        self._next = 0

    def verdict(self, success: BoolArray) -> FloatArray:
        """Note ``success`` (r,); return 1.0 where the share is high, -1.0 where low, else 0.0.

        A walk whose share is either starts afresh.
        """
        self.seen[self._next] = success
        self._next = (self._next + 1) % len(self.seen)
        # NaN, which is neither, until ``length`` are noted
        share = self.seen.mean(axis=0)
        low, high = share < self._low, share > self._high
        self.seen[:, low | high] = np.nan
        return np.asarray(np.subtract(high, low, dtype=np.float64))
