"""Certificates of affine models: what no row that exists can break, and the nearest that does.

In exact arithmetic the distance to the boundary is a closed form, or a short search, see
``nearest_rival``. The model itself computes in floats, so its own boundary lies within its
rounding of that one: where a rival's score is ahead by more than both scores can be off, the
model mislabels, and where it is behind by more than that, it does not. ``lower`` is the distance
at which a rival that is given this much as a head start is level, and ``upper`` that of a point
at which the model was asked. What lies between, a few 1e-6 of the distance, is within rounding
of the boundary: where ε lies there, the example is open.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genlabel_robust.certify.affine.nearest_rival import rivals_of
from genlabel_robust.certify.affine.rivals import blocks
from genlabel_robust.certify.affine.rounded_bounds import RoundedBounds, head_start
from genlabel_robust.certify.affine.settings import Setting, nearest_setting
from genlabel_robust.certify.affine.witnesses import Witnesses
from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.missing import freed_flags, refused
from genlabel_robust.certify.related.affine import with_relations
from genlabel_robust.certify.relations import knows_relations
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.models.mislabelled import mislabelled
from genlabel_robust.structure import Affine
from genlabel_robust.threat import AttackSpace, Norm
from genlabel_robust.threat.violations import violations


def certify_affine(
    structure: Affine,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    work: int | None = None,
) -> Certificate:
    """Return what is proved of ``raw`` (n, d) with labels ``y`` (n,), at any ε.

    ``structure``: equal to the scores of ``model`` but for its rounding. ``eps``: not needed, as
    distances are found; ``work``: the most sums of whole steps and switches looked at for a row
    under L2 and L1, None for the usual. Misclassified rows are at 0. Where a missing value may be
    made up, or taken away, each setting of what is missing is looked at by itself.
    """
    del eps
    n = len(raw)
    lower, upper, witness = np.zeros(n), np.zeros(n), raw.copy()
    spent = np.zeros(n, dtype=np.int64)
    right = np.flatnonzero(model.predict(raw) == y)
    if refused(structure, space) is not None:
        upper[right], witness[right] = np.inf, np.nan
        return Certificate(lower, upper, witness, spent)
    for part in blocks(len(right), structure.weight.size):
        rows = right[part]
        found = _over_settings(structure, model, space, raw[rows], y[rows], norm, work)
        if space.relations and knows_relations("affine", norm) and work != 1:
            _relate(found, structure, model, space, raw[rows], y[rows], norm)
        lower[rows], upper[rows], witness[rows] = found.lower, found.upper, found.witness
        spent[rows] = found.work
    return Certificate(lower, upper, witness, spent)


def _relate(
    found: Certificate,
    structure: Affine,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
) -> None:
    """Bring the bounds of ``found`` together (in place) under relations, if the model is one sum.

    Where what is missing may change it is one in each setting, and the bounds stay what they are.
    """
    if len(freed_flags(structure, space)):
        return
    own = rivals_of(structure, space, raw, y)
    ahead = head_start(structure, space, raw, y, own, np.full(len(raw), np.inf))

    def wrong(points: FloatArray, row: int) -> BoolArray:
        return mislabelled(model, points, y[[row]])

    with_relations(found, space, raw, norm, own.toward, own.gap, ahead, wrong)


def proved_distance(
    structure: Affine,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    work: int | None = None,
) -> FloatArray:
    """Return the distance (n,) below which no accepted row is mislabelled.

    Of rows that the model labels ``y``; the arguments are those of ``certify_affine``.
    """

    def lower(part: slice) -> FloatArray:
        def ask(
            setting: Setting, rows: IntArray, moved: FloatArray
        ) -> tuple[FloatArray, FloatArray]:
            bounds = RoundedBounds.of(
                structure, setting.space, moved, y[part][rows], norm, setting.work
            )
            least = setting.at_least(bounds.lower)
            return least, least  # a setting that costs more does not make it less

        return nearest_setting(structure, space, raw[part], norm, work, ask)[0]

    return np.concatenate([lower(part) for part in blocks(len(raw), structure.weight.size)])


def _over_settings(
    structure: Affine,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    work: int | None,
) -> Certificate:
    """Return what ``certify_affine`` does, of rows that the model labels ``y``."""
    found = nothing_known(np.ones(len(raw), dtype=bool), raw.shape[1])

    def ask(setting: Setting, rows: IntArray, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
        asked = Witnesses(model, setting.space, moved, y[rows], norm, setting.work)
        part = asked.certificate(structure)
        found.work[rows] += part.work
        far = np.where(
            np.isfinite(part.upper), space.distance(raw[rows], part.witness, norm), np.inf
        )
        nearer = (far < found.upper[rows]) & ~violations(space, raw[rows], part.witness)
        found.upper[rows[nearer]] = far[nearer]
        found.witness[rows[nearer]] = part.witness[nearer]
        return setting.at_least(part.lower), found.upper[rows]

    lower, upper = nearest_setting(structure, space, raw, norm, work, ask)
    return replace(found, lower=lower, upper=upper)
