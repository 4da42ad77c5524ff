"""Search for points that a model mislabels: by descent in float64, verified by the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.nets.descent import STEPS, Descent
from genlabel_robust.certify.nets.discrete import Choice
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import AttackSpace, Norm, within
from genlabel_robust.threat.violations import violations

#: The number of points per query of the model.
_ASKED = 16
#: The number of random starts of the first descent.
_STARTS = 16


@dataclass(frozen=True, eq=False)
class Hunt:
    """The search for rows near ``raw`` (d,), of label ``y``, that ``model`` mislabels.

    ``low``, ``high`` (d,): the box of the perturbation δ in attack space; ``whole`` (w,): the
    features whose δ is a whole number of steps. ``choice``: the categories and missing values from
    which the moves start, and their cost; ``nearest``: the result so far.
    """

    net: ReluNet
    model: Model
    space: AttackSpace
    raw: FloatArray
    y: int
    low: FloatArray
    high: FloatArray
    norm: Norm
    whole: IntArray
    choice: Choice
    nearest: Nearest

    def among(self, choice: Choice, chosen: BoolArray) -> Hunt:
        """Return the search from another ``choice``, with the features ``chosen`` (d,) fixed."""
        low, high = (np.where(chosen, 0.0, edge) for edge in (self.low, self.high))
        whole = self.whole[~chosen[self.whole]]
        net = self.net.at(choice.row)
        return replace(self, net=net, low=low, high=high, whole=whole, choice=choice)

    def broken(self, eps: float) -> bool:
        """Say whether a mislabelled row is known within ``eps``."""
        return self.nearest.within(eps)

    def begin(self, eps: float) -> bool:
        """Descend from the example and from random points; say whether the example is broken."""
        return self.descend(eps) or self.draw(eps)

    def descend(self, eps: float) -> bool:
        """Descend from the example; say whether it is broken."""
        return self.look(np.zeros((1, len(self.raw))), eps)

    def draw(self, eps: float) -> bool:
        """Descend from random points; say whether the example is broken."""
        rng = np.random.default_rng(0)  # independent of the other rows in the batch
        drawn = rng.uniform(-eps, eps, (_STARTS, len(self.raw)))
        drawn[: _STARTS // 2] = np.sign(drawn[: _STARTS // 2]) * eps
        return self.look(drawn, eps, _STARTS)

    def look(self, delta: FloatArray, eps: float, descents: int = 2) -> bool:
        """Query perturbations ``delta`` (q, d), then the ends of descents from the best of them.

        Returns whether the example is broken. ``descents``: how many of them are continued.
        """
        if not len(delta):
            return False
        way = self.way
        walked = way.begin(way.allowed(delta, eps), eps)
        if self._ask(walked.best, walked.least, eps):
            return True
        best = np.argsort(walked.least, kind="stable")[:descents]
        walked = way.begin(walked.best[best], eps)
        for steps in np.diff(STEPS, prepend=0).tolist():
            walked = way.onward(walked, steps, eps)
            if self._ask(walked.best, walked.least, eps):
                return True
        return False

    @cached_property
    def way(self) -> Descent:
        """The descent from the choice's row."""
        return Descent(
            self.net,
            self.space,
            self.norm,
            self.whole,
            self.choice.row,
            self.y,
            self.low,
            self.high,
            lambda radius: self.choice.left(radius, self.norm),
        )

    def _ask(self, delta: FloatArray, lead: FloatArray, eps: float) -> bool:
        """Query the model at the smallest leads; keep mislabelled rows, and say if any is near."""
        best = np.argsort(lead, kind="stable")[:_ASKED]
        best = best[worth_asking(lead[best], np.abs(lead[best]).max(initial=0.0))]
        if not len(best):
            return False
        rows = self.way.rows(delta[best])
        origin = np.broadcast_to(self.raw, rows.shape)
        distances = self.space.distance(origin, rows, self.norm)
        fine = ~violations(self.space, origin, rows) & within(distances, eps)
        wrong = self._mislabelled(rows)
        kept = fine & wrong
        self.nearest.keep(rows[kept], distances[kept], self._mislabelled)
        return self.broken(eps)

    def _mislabelled(self, rows: FloatArray) -> BoolArray:
        return np.asarray(self.model.predict(rows) != self.y)


def worth_asking(lead: FloatArray, size: FloatArray | float) -> BoolArray:
    """Mark leads (q,) that may be negative for the model, if the scores have this ``size``."""
    return np.asarray(lead <= 1e-3 * (1 + size))
