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

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.affine.nearest_rival import nearest_rival, rivals_of
from genlabel_robust.certify.affine.rivals import Found, Rivals, blocks
from genlabel_robust.certify.affine.settings import Setting, nearest_setting
from genlabel_robust.certify.affine.steps import Steps, steps_at
from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.missing import freed_flags, refused
from genlabel_robust.certify.related.affine import with_relations
from genlabel_robust.certify.relations import knows_relations
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import Affine
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, distance
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.violations import violations

#: How far a witness is ahead, as shares of what rounding can take off: more than that first, so
#: that no other order of the same sums labels it rightly; then what may be nearer.
_AHEAD = (1.01, 0.25, 0.0, -1.0)
#: How far it is ahead, as shares of the gap, where the model still says otherwise.
_FARTHER = (1e-5, 1e-3)
#: What rounding can take off a distance, as a share of it.
_DISTANCE = 1e-9
#: Halvings of the longest step after which a distance is known, see ``lattice_affine``.
_HALVED = 2.0**-58


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
    ahead = _head_start(structure, space, raw, y, own, np.full(len(raw), np.inf))

    def mislabelled(points: FloatArray, row: int) -> BoolArray:
        return _mislabelled(model, points, y[[row]])

    with_relations(found, space, raw, norm, own.toward, own.gap, ahead, mislabelled)


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
            bounds = _Bounds.of(structure, setting.space, moved, y[part][rows], norm, setting.work)
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
        asked = _Witnesses(model, setting.space, moved, y[rows], norm, setting.work)
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


@dataclass(frozen=True, eq=False)
class _Bounds:
    """What is proved of rows (n, d): ``lower`` (n,), by ``work`` (n,).

    ``ahead`` (n, k): what rounding can give each of the ``rivals``; ``reached`` (n,): whether any
    of them can win at all, with it. ``steps``: what is not continuous; ``features``: what is
    touched under L0.
    """

    rivals: Rivals
    steps: Steps | None
    features: Features
    ahead: FloatArray
    lower: FloatArray
    reached: BoolArray
    work: IntArray

    @classmethod
    def of(
        cls,
        structure: Affine,
        space: AttackSpace,
        raw: FloatArray,
        y: IntArray,
        norm: Norm,
        work: int | None,
    ) -> _Bounds:
        found, steps = rivals_of(structure, space, raw, y), steps_at(space, raw)
        near = nearest_rival(found, steps, norm, work, space.touchable)
        # what is touched under L0 may go as far as its box
        far = np.full(len(raw), np.inf) if norm == "l0" else near.upper
        ahead = _head_start(structure, space, raw, y, found, far)
        level = nearest_rival(
            found.demanding(found.gap - ahead), steps, norm, work, space.touchable
        )
        lower = level.lower
        if norm != "l0":  # where lengths are counts and sums of prices, of what is touched at all
            # what rounding, and the slack of accepted rows, can take off
            radius = np.where(np.isfinite(level.lower), level.lower, 0.0)
            beside = distance(_slack(space, *_reached(space, raw, found, radius)), norm)
            beside += _HALVED * np.maximum(found.down, found.up).max(axis=1, initial=0.0)
            lower = np.maximum(level.lower * (1 - _DISTANCE) - beside, 0.0)
        reached, spent = np.isfinite(level.upper), near.work + level.work
        return cls(found, steps, space.touchable, ahead, lower, reached, spent)

    def pushed(self, push: FloatArray, rows: IntArray, norm: Norm, work: int | None) -> Found:
        """Return the nearest rivals of ``rows`` (q,) who have to gain ``push`` (n, k) more."""
        part = Rivals(
            self.rivals.toward[rows],
            (self.rivals.gap + push)[rows],
            self.rivals.down[rows],
            self.rivals.up[rows],
        )
        steps = None if self.steps is None else replace(self.steps, held=self.steps.held[rows])
        return nearest_rival(part, steps, norm, work, self.features)


def _head_start(
    structure: Affine,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    found: Rivals,
    radius: FloatArray,
) -> FloatArray:
    """Return what rounding can give each rival (n, k), of rows within ``radius`` (n,).

    The scores of two classes are off, each by its ``error``, and a row that is accepted is next
    to one that exists, see ``_slack``.
    """
    low, high = _reached(space, raw, found, radius)
    error = structure.error(low, high)
    beside = (np.abs(found.toward) * _slack(space, low, high)[:, None, :]).sum(axis=2)
    return np.asarray(error[np.arange(len(y)), y][:, None] + error + beside)


def _reached(
    space: AttackSpace, raw: FloatArray, found: Rivals, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the edges (n, d), in raw units, of what lies within a little over ``radius`` (n,)."""
    wide = radius[:, None] * (1 + 1e-3)
    down, up = (np.minimum(room, wide) * space.scale for room in (found.down, found.up))
    return raw - down, raw + up


def _slack(space: AttackSpace, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return how far (n, d), in attack space, an accepted row is from one that exists.

    Twice as much as ``violations`` lets pass; what may not change does not change at all.
    """
    size = np.maximum(np.abs(low), np.abs(high)) + np.abs(space.offset)
    return np.where(space.mutable, 8 * np.spacing(size) / space.scale, 0.0)


@dataclass(frozen=True, eq=False)
class _Witnesses:
    """The nearest verified points of rows ``raw`` (n, d) that ``model`` labels ``y`` (n,)."""

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    work: int | None

    def certificate(self, structure: Affine) -> Certificate:
        """Return what is proved, and the points that break what is not."""
        bounds = _Bounds.of(structure, self.space, self.raw, self.y, self.norm, self.work)
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
        better[better] = _mislabelled(self.model, points[better], self.y[rows[better]])
        upper[rows[better]], witness[rows[better]] = far[better], points[better]

    def _moved(self, rows: IntArray, step: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) that ``step`` (q, d) makes of ``rows`` (q,)."""
        moved = step * self.space.scale
        lattice = self.space.lattice
        if lattice is not None:
            whole = self.space.axes[lattice.features]
            moved[:, whole] = np.rint(moved[:, whole])
        return np.where(moved == 0, self.raw[rows], self.raw[rows] + moved)


def _mislabelled(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows (q, d) that the model mislabels, in a batch and alone."""
    if not len(raw):
        return np.zeros(0, dtype=bool)
    wrong = np.asarray(model.predict(raw) != y)
    for row in np.flatnonzero(wrong):
        wrong[row] = model.predict(raw[row : row + 1])[0] != y[row]
    return wrong
