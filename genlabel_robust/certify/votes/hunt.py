"""Search for rows that a vote mislabels: in its structure, verified by the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.votes.region import Region
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import Vote
from genlabel_robust.threat import TOLERANCE, project, within
from genlabel_robust.threat.violations import violations

#: The number of points per query of the model, and the largest lead at which it is queried.
_ASKED, _SMALL = 16, 1e-5
#: Descent steps, values that each step tries per feature, and in total.
_STEPS, _VALUES, _ROWS = 10, 12, 400


@dataclass(eq=False)
class Hunt:
    """The search for mislabelled rows in one ``region`` near ``raw`` (d,), of label ``y``.

    ``nearest``: the result so far, shared by all regions.
    """

    vote: Vote
    model: Model
    region: Region
    raw: FloatArray
    y: int
    nearest: Nearest

    def broken(self, eps: float) -> bool:
        """Say whether a mislabelled row is known within ``eps``."""
        return self.nearest.within(eps)

    def ask(self, points: FloatArray, eps: float) -> bool:
        """Query raw ``points`` (q, d), projected to allowed rows; say if the example is broken."""
        rows = self._allowed(points, eps)
        return self._judged(rows, self._lead(rows), eps)

    def settles(self, low: FloatArray, high: FloatArray, eps: float) -> bool:
        """Query the row of a box nearest to the choice; return whether the model labels it ``y``.

        The model must be constant in the box ``low``, ``high`` (d,).
        """
        row = np.clip(self.region.choice.row, low, high)[None]
        if self._mislabelled(row)[0]:
            self._keep(row, eps)
            return False
        return True

    def descend(self, eps: float, cuts: dict[int, FloatArray]) -> bool:
        """Lower the lead feature by feature, greedily; return whether the example is broken.

        ``cuts``: the thresholds of each feature in the region.
        """
        row = self._allowed(self.region.choice.row[None], eps)
        lead = self._lead(row)
        if self._judged(row, lead, eps):
            return True
        axes, values = self._tried(cuts)
        for _ in range(_STEPS if len(axes) else 0):
            rows = np.repeat(row, len(axes), axis=0)
            rows[np.arange(len(axes)), axes] = values
            fresh = self._lead(self._allowed(rows, eps))
            together = row.copy()
            for axis in np.unique(axes):
                own = np.flatnonzero(axes == axis)
                best = own[fresh[own].argmin()]
                if fresh[best] < lead[0]:
                    together[0, axis] = values[best]
            both = self._allowed(np.concatenate([together, rows[[fresh.argmin()]]]), eps)
            found = self._lead(both)
            if self._judged(both, found, eps):
                return True
            if found.min() >= lead[0]:
                break
            row, lead = both[[found.argmin()]], found[[found.argmin()]]
        return False

    def _tried(self, cuts: dict[int, FloatArray]) -> tuple[IntArray, FloatArray]:
        """Return the features and values (v,) that each step tries."""
        region = self.region
        axes, values = [], []
        per = max(2, min(_VALUES, _ROWS // max(1, len(region.free))))
        for axis in region.free.tolist():
            low, high = region.inner_low[axis], region.inner_high[axis]
            known = cuts.get(axis, np.zeros(0))
            # on either side of a threshold, the value nearer to the row
            up = known >= region.choice.row[axis]
            known = np.where(up, np.nextafter(known, np.inf), known)
            known = known[(known > low) & (known < high)]
            known = (
                known[np.unique(np.linspace(0, len(known) - 1, per - 2).astype(int))]
                if len(known)
                else known
            )
            own = np.unique(np.concatenate([[low, high], known]))
            axes.append(np.full(len(own), axis))
            values.append(own)
        if not axes:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        return np.concatenate(axes), np.concatenate(values)

    def _allowed(self, points: FloatArray, eps: float) -> FloatArray:
        """Project points to the box, to whole steps, and into the ball."""
        region = self.region
        space, row, norm = region.space, region.choice.row, region.norm
        rows = np.clip(points, region.inner_low, region.inner_high)
        at = region.whole
        rows[:, at] = row[at] + np.rint(rows[:, at] - row[at])
        if norm == "linf":
            return rows
        delta = (rows - row) / space.scale
        radius = region.choice.left(eps * (1 + TOLERANCE / 2), norm)
        zero = np.zeros_like(delta)
        out = space.distance(np.broadcast_to(row, rows.shape), rows, norm) > radius
        low, high = region.delta(region.inner_low[None], region.inner_high[None])
        drawn = project(
            delta,
            zero,
            np.broadcast_to(low, delta.shape),
            np.broadcast_to(high, delta.shape),
            radius,
            norm,
        )
        drawn[:, at] = np.trunc(drawn[:, at] * space.scale[at] + 1e-6 * np.sign(delta[:, at]))
        drawn[:, at] /= space.scale[at]
        moved = row + drawn * space.scale
        moved[:, at] = row[at] + np.rint((drawn * space.scale)[:, at])
        return np.where(out[:, None], np.where(drawn == 0, row, moved), rows)

    def _lead(self, rows: FloatArray) -> FloatArray:
        """Return the lead (q,) of the label over the best other class, from the structure."""
        scores = self.vote.scores(rows)
        others = scores.copy()
        others[:, self.y] = -np.inf
        return np.asarray(scores[:, self.y] - others.max(axis=1))

    def _judged(self, rows: FloatArray, lead: FloatArray, eps: float) -> bool:
        best = np.argsort(lead, kind="stable")[:_ASKED]
        best = best[lead[best] <= _SMALL]
        if len(best):
            wrong = self._mislabelled(rows[best])
            self._keep(rows[best][wrong], eps)
        return self.broken(eps)

    def _keep(self, rows: FloatArray, eps: float) -> None:
        """Keep the nearest allowed row of ``rows`` (q, d) that is mislabelled when alone too."""
        origin = np.broadcast_to(self.raw, rows.shape)
        distances = self.region.space.distance(origin, rows, self.region.norm)
        fine = ~violations(self.region.space, origin, rows) & within(distances, eps)
        self.nearest.keep(rows[fine], distances[fine], self._mislabelled)

    def _mislabelled(self, rows: FloatArray) -> BoolArray:
        return np.asarray(self.model.predict(rows) != self.y)
