"""Distances of affine models under relations: a mixed-integer program for each rival.

Where the nearest adversarial row without relations satisfies them, its distance is the answer.
For the other examples a program finds the shortest move at which a rival ties. The proof grants
the rival the rounding error as a head start; a witness has to gain it in addition.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.related.row import Extra, RelatedRow
from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm
from genlabel_robust.threat.violations import violations

#: The error in a length from the solver's tolerances, as a share of it and of its scale.
_SHARE, _BESIDE = 1e-6, 1e-6
#: How much a witness gains beyond the rounding error, as shares of the steepest slope.
_PUSHES = (3e-6, 1e-4, 1e-2)


def with_relations(
    found: Certificate,
    space: AttackSpace,
    raw: FloatArray,
    norm: Norm,
    toward: FloatArray,
    gap: FloatArray,
    ahead: FloatArray,
    mislabelled: Callable[[FloatArray, int], BoolArray],
) -> None:
    """Tighten (in place) the bounds of rows ``raw`` (n, d) that were proved without relations.

    ``toward`` (n, k, d), ``gap``, ``ahead`` (n, k): what rivals gain, what they must gain, and
    their head start by rounding. ``mislabelled``: marks the raw rows (q, d) near the example of a
    number that the model mislabels.
    """
    for row in np.flatnonzero(found.upper > found.lower * (1 + TOLERANCE)).tolist():
        related = RelatedRow(space, raw[row], norm)
        low, high = related.room
        nearest, reach = np.inf, float(np.maximum(-low, high).max(initial=0.0))
        size = float(np.clip(found.lower[row], 1e-6 * reach, max(reach, 1e-300)))
        for rival in np.flatnonzero(np.isfinite(gap[row])).tolist():
            weights = toward[row, rival][space.axes]
            level = Extra(weights, float(gap[row, rival] - ahead[row, rival]))
            bound, _ = related.nearest(low, high, [level], loose=True, size=size)
            found.work[row] += 1
            nearest = min(nearest, bound)
            if bound >= found.upper[row]:
                continue
            steepest = float(np.abs(weights).max(initial=0.0))
            for push in _PUSHES:
                least = gap[row, rival] + 1.01 * ahead[row, rival] + push * steepest * size
                more = Extra(weights, float(least))
                _, move = related.nearest(low, high, [more], loose=False, size=size)
                if move is not None and _kept(found, related, row, move, mislabelled):
                    break
        if np.isfinite(nearest):
            nearest = max(nearest * (1 - _SHARE) - _BESIDE * size, 0.0)
        found.lower[row] = min(max(found.lower[row], nearest), found.upper[row])


def _kept(
    found: Certificate,
    related: RelatedRow,
    row: int,
    move: FloatArray,
    mislabelled: Callable[[FloatArray, int], BoolArray],
) -> bool:
    """Keep the row at ``move`` (m,) if it is a verified witness; say whether it is."""
    space, raw = related.space, related.raw[None]
    low, high = (edge[None] for edge in related.room)
    existing = space.existing(raw, move[None], low, high, None)
    point = space.moved(raw, existing)
    if violations(space, raw, point)[0] or not mislabelled(point, row)[0]:
        return False
    far = float(space.distance(raw, point, related.norm)[0])
    if far < found.upper[row]:
        found.upper[row], found.witness[row] = far, point[0]
    return True
