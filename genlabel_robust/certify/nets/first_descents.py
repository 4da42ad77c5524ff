"""The first descents of many examples, computed together with the results of single ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.nets.descent import STEPS, Descent, Walked
from genlabel_robust.certify.nets.witness import Hunt, worth_asking
from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.models import Model
from genlabel_robust.models.mislabelled import wrong_alone
from genlabel_robust.threat import within
from genlabel_robust.threat.violations import violations


class FirstDescents:
    """The first descents of the examples in ``hunts``, by number, which differ only in the example.

    The attacker must have no choices there, such as categories. With one example the overhead of
    a step's calls far exceeds its arithmetic, so all examples take each step together.
    """

    def __init__(self, hunts: Mapping[int, Hunt]) -> None:
        self._hunts = hunts
        self._found: dict[float, dict[int, Nearest]] = {}

    def descend(self, number: int, eps: float) -> bool:
        """Return the result of ``Hunt.descend`` for the example ``number``."""
        if eps not in self._found:
            self._found[eps] = self._walk(eps)
        hunt, found = self._hunts[number], self._found[eps][number]
        if np.isfinite(found.distance):
            hunt.nearest.put(found.row, found.distance)
        return hunt.broken(eps)

    def _walk(self, eps: float) -> dict[int, Nearest]:
        """Return the best point of each example's descent, none if a smaller ε broke it before."""
        found = {number: Nearest() for number in self._hunts}
        left = np.array([number for number in found if not self._broken(number, eps)])
        hunts = [self._hunts[number] for number in left.tolist()]
        one, y = hunts[0], np.array([hunt.y for hunt in hunts])
        raw, low, high = map(np.stack, zip(*((h.raw, h.low, h.high) for h in hunts), strict=True))
        way = Descent(one.net, one.space, one.norm, one.whole, raw, y, low, high, alone=True)
        walked = way.begin(way.allowed(np.zeros(raw.shape), eps), eps)
        for steps in (0, *np.diff(STEPS, prepend=0).tolist()):
            walked = way.onward(walked, steps, eps)
            rows, distances, wrong = _broken_rows(one.model, way, walked, eps)
            for place in np.flatnonzero(wrong):
                found[int(left[place])].put(rows[place], float(distances[place]))
            way, walked, left = way.take(~wrong), walked.take(~wrong), left[~wrong]
            if not len(left):
                break
        return found

    def _broken(self, number: int, eps: float) -> bool:
        return any(found[number].within(eps) for found in self._found.values())


def _broken_rows(
    model: Model, way: Descent, walked: Walked, eps: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the rows (q, d) of the descents, their distances, and marks of those that break."""
    rows = way.rows(walked.best)
    distances = way.space.distance(way.raw, rows, way.norm)
    fine = worth_asking(walked.least, np.abs(walked.least)) & within(distances, eps)
    fine &= ~violations(way.space, way.raw, rows)
    return rows, distances, wrong_alone(model, rows, np.asarray(way.y), fine)
