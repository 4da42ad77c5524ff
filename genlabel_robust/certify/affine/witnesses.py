"""Points that break rows of an affine model, each asked of the model itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.rounded_bounds import RoundedBounds
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.models.mislabelled import mislabelled
from genlabel_robust.structure import Affine
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm
from genlabel_robust.threat.violations import violations

#: How far a witness is ahead, as shares of what rounding can take off: more than that first, so
#: that no other order of the same sums labels it rightly; then what may be nearer.
_AHEAD = (1.01, 0.25, 0.0, -1.0)
#: How far it is ahead, as shares of the gap, where the model still says otherwise.
_FARTHER = (1e-5, 1e-3)


@dataclass(frozen=True, eq=False)
class Witnesses:
    """The nearest verified points of rows ``raw`` (n, d) that ``model`` labels ``y`` (n,)."""

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    work: int | None

    def certificate(self, structure: Affine) -> Certificate:
        """Return what is proved, and the points that break what is not."""
        bounds = RoundedBounds.of(structure, self.space, self.raw, self.y, self.norm, self.work)
        lower, work = bounds.lower, bounds.work.copy()
        upper, witness = np.full(len(lower), np.inf), np.full(self.raw.shape, np.nan)
        pushes = [share * bounds.ahead for share in _AHEAD]
        pushes += [share * bounds.rivals.gap for share in _FARTHER]
        for number, push in enumerate(pushes):
            last = number >= len(_AHEAD)
            wanted = np.isinf(upper) if last else upper > lower * (1 + TOLERANCE)
            rows = np.flatnonzero(wanted & bounds.reached)
            if len(rows):
                point = bounds.pushed(push, rows, self.norm, self.work)
                work[rows] += point.work
                self._take(rows, point.step, upper, witness)
        return Certificate(np.minimum(lower, upper), upper, witness, work)

    def _take(
        self, rows: IntArray, step: FloatArray, upper: FloatArray, witness: FloatArray
    ) -> None:
        """Keep the steps (q, d) that verify, and are nearer than what is known of ``rows`` (q,)."""
        points = self._moved(rows, step)
        far = self.space.distance(self.raw[rows], points, self.norm)
        better = (far < upper[rows]) & ~violations(self.space, self.raw[rows], points)
        better[better] = mislabelled(self.model, points[better], self.y[rows[better]])
        upper[rows[better]], witness[rows[better]] = far[better], points[better]

    def _moved(self, rows: IntArray, step: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) that ``step`` (q, d) makes of ``rows`` (q,)."""
        moved = step * self.space.scale
        lattice = self.space.lattice
        if lattice is not None:
            whole = self.space.axes[lattice.features]
            moved[:, whole] = np.rint(moved[:, whole])
        return np.where(moved == 0, self.raw[rows], self.raw[rows] + moved)
