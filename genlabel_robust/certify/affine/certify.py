"""Certificates of affine models: bounds on the distance, and the nearest adversarial rows.

In exact arithmetic the distance to the boundary is a closed form or the result of a short search,
see ``nearest_rival``. The model itself computes in floats, so its own boundary lies within its
rounding of the exact one. The bounds allow for the rounding of both scores. ``lower`` is the
distance at which a rival ties if the rounding is added to its score as a head start. ``upper`` is
the distance of a point that the model itself mislabels. The two differ by a few 1e-6 of the
distance; an example with ε between them is open.
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
    """Certify the rows ``raw`` (n, d) with labels ``y`` (n,), for every ε at once.

    ``structure``: equals the scores of ``model`` up to its rounding. ``eps``: ignored, because
    distances are computed; ``work``: the most sums of whole steps and switches that are examined
    per row under L2 and L1, None for the default. Misclassified rows have the distance 0. Where
    the attacker may fill in or remove missing values, each setting of the missing flags is
    searched separately.
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
    """Tighten the bounds in ``found`` (in place) under relations.

    Leaves the bounds unchanged where the attacker may change which values are missing: the model
    is then a different affine function in each setting.
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
    """Return the distance (n,) below which the model mislabels no accepted row.

    The model must label the rows ``y``. The arguments are those of ``certify_affine``.
    """

    def lower(part: slice) -> FloatArray:
        def ask(
            setting: Setting, rows: IntArray, moved: FloatArray
        ) -> tuple[FloatArray, FloatArray]:
            bounds = RoundedBounds.of(
                structure, setting.space, moved, y[part][rows], norm, setting.work
            )
            least = setting.at_least(bounds.lower)
            return least, least  # settings with a higher switch cost cannot lower this bound

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
    """Certify rows that the model labels ``y``; see ``certify_affine``."""
    found = nothing_known(np.ones(len(raw), dtype=bool), raw.shape[1])

    def ask(setting: Setting, rows: IntArray, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
        witnesses = Witnesses(model, setting.space, moved, y[rows], norm, setting.work)
        part = witnesses.certificate(structure)
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
