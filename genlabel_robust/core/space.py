"""Attack space: the coordinates in which the threat is a plain ε-ball in a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray
from genlabel_robust.core.threat import Norm, distance


@dataclass(frozen=True)
class AttackSpace:
    """The map ``u = (raw - offset) / scale`` and the box that bounds every attack.

    ``offset``, ``scale``, ``low``, ``high``: (d,) floats, the box in attack space;
    ``mutable`` (d,) marks the features that the attacker may change.
    """

    offset: FloatArray
    scale: FloatArray
    low: FloatArray
    high: FloatArray
    mutable: BoolArray

    def enter(self, raw: FloatArray) -> FloatArray:
        """Map raw features (n, d) to attack space (n, d)."""
        return np.asarray((raw - self.offset) / self.scale)

    def box(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return each example's own box (n, d), (n, d): it always contains the example.

        Test rows do lie outside the training range. An immutable feature's box is
        the point itself.
        """
        low = np.where(self.mutable, np.minimum(self.low, u), u)
        high = np.where(self.mutable, np.maximum(self.high, u), u)
        return low, high

    def distance(self, raw: FloatArray, raw_adv: FloatArray, norm: Norm) -> FloatArray:
        """Return the length (n,) of each perturbation, in attack space."""
        return distance((raw_adv - raw) / self.scale, norm)


def project(
    u: FloatArray, center: FloatArray, low: FloatArray, high: FloatArray, eps: float, norm: Norm
) -> FloatArray:
    """Bring ``u`` (n, d) into the box and the ``eps``-ball around ``center`` (n, d).

    For L2 and L1 the point is clipped to the box and then drawn toward the center,
    which the box contains: the result lies in both, if not at the nearest such point.
    """
    if norm == "linf":
        return np.clip(u, np.maximum(low, center - eps), np.minimum(high, center + eps))
    delta = np.clip(u, low, high) - center
    length = distance(delta, norm)[..., None]
    return np.asarray(center + delta * np.minimum(1.0, eps / np.maximum(length, 1e-300)))
