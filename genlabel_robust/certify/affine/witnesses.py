"""Adversarial rows for affine models, each verified by the model itself."""

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

#: Leads that a witness aims at, as shares of the rounding error. More than all of it comes first,
#: so that no other order of the same sums labels the witness correctly; nearer ones follow.
_AHEAD = (1.01, 0.25, 0.0, -1.0)
#: Larger leads, as shares of the gap, for rows that the model still labels correctly.
_FARTHER = (1e-5, 1e-3)


@dataclass(frozen=True, eq=False)
class Witnesses:
    """The search for the nearest witnesses of rows ``raw`` (n, d), which ``model`` labels ``y``."""

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    work: int | None

    def certificate(self, structure: Affine) -> Certificate:
        """Return the proved lower bounds and the nearest witnesses."""
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
        """Keep the steps (q, d) that verify and are nearer than the best known of ``rows`` (q,)."""
        points = self._moved(rows, step)
        far = self.space.distance(self.raw[rows], points, self.norm)
        better = (far < upper[rows]) & ~violations(self.space, self.raw[rows], points)
        better[better] = mislabelled(self.model, points[better], self.y[rows[better]])
        upper[rows[better]], witness[rows[better]] = far[better], points[better]

    def _moved(self, rows: IntArray, step: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) that result from applying ``step`` (q, d) to ``rows`` (q,)."""
        moved = step * self.space.scale
        lattice = self.space.lattice
        if lattice is not None:
            whole = self.space.axes[lattice.features]
            moved[:, whole] = np.rint(moved[:, whole])
        return np.where(moved == 0, self.raw[rows], self.raw[rows] + moved)
