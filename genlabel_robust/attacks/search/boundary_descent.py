"""Descent along the boundary using labels only, from a start toward each of several classes."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.search.bisect import crossing
from genlabel_robust.attacks.search.starts import class_starts
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat import Norm, distance
from genlabel_robust.threat.shortest_step import farthest

#: Bisections to meet the boundary, within 6e-5 of the distance: probes start from there.
_HALVINGS = 14

#: Shorter ways toward the aim, tried where the boundary is curved and the aim not adversarial.
_SHARES = (1.0, 0.5, 0.25)

#: The smallest share of its distance that a round must gain; otherwise it is the last round.
_PROGRESS = 1e-4

#: The smallest move of a feature that is queried, as a share of the distance.
LEAST = 1e-3

#: Maps shares (q,) of the way to points (q, m).
Path: TypeAlias = Callable[[FloatArray], FloatArray]


class LabelQueries:
    """The label queries of an attack, and each example's nearest adversarial point.

    ``low`` and ``high`` (n, m): the examples' boxes.
    """

    def __init__(self, target: AttackTarget, norm: Norm) -> None:
        self.target, self.norm = target, norm
        self.low, self.high = target.box
        self._nearest = Watch(target.x, norm)
        self._before = target.queries.copy()

    @property
    def spent(self) -> IntArray:
        """The number of points (n,) queried so far."""
        return self.target.queries - self._before

    def adversarial(self, points: FloatArray, rows: IntArray) -> BoolArray:
        """Mark the adversarial ones (q,) of ``points`` (q, m), variants of ``rows`` (q,)."""
        found = np.asarray(self.target.predict(points, rows) != self.target.y[rows])
        self._nearest.see(self.target.valid(points, rows), rows, found)
        return found

    def across(self, points: FloatArray, rows: IntArray, *values: FloatArray) -> FloatArray:
        """Return for each feature the first of its ``values`` that alone makes a point adversarial.

        ``points`` (q, m), variants of ``rows`` (q,), are not adversarial. Each of the ``values``
        (q, m) is tried in place of one feature, unless it differs by less than ``LEAST`` of the
        distance. If none is adversarial, the feature keeps its own value.
        """
        found, open_ = points.copy(), np.ones(points.shape, dtype=bool)
        least = LEAST * distance(points, self.norm)[:, None]
        for value in values:
            i, j = np.nonzero(open_ & (np.abs(value - points) > least))
            moved = points[i]
            moved[np.arange(len(i)), j] = value[i, j]
            hit = self.adversarial(moved, rows[i])
            at = i[hit], j[hit]
            found[at], open_[at] = value[at], False
        return found

    def meet(self, path: Path, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return points (q, m) just inside and (q, m) just outside the boundary on ``path``.

        ``path`` must lead from the examples ``rows`` (q,) to adversarial points.
        """
        inside, outside = crossing(
            lambda share: self.adversarial(path(share), rows), np.ones(len(rows)), _HALVINGS
        )
        return path(inside), path(outside)

    def result(self) -> AttackResult:
        """Return the nearest points; an example without any is ``NO_START``, not robust."""
        found = np.isfinite(self._nearest.distances)
        return AttackResult(
            points=self._nearest.points,
            outcome=np.where(found, int(Outcome.BROKEN), int(Outcome.NO_START)),
            queries=self.spent,
        )


#: Estimates the direction (q, m) across the boundary. Arguments: the queries, the number of the
#: round, rows (q,), points (q, m) just inside the boundary, and points (q, m) just outside.
Aim: TypeAlias = Callable[[LabelQueries, int, IntArray, FloatArray, FloatArray], FloatArray]


def descend(
    target: AttackTarget,
    norm: Norm,
    seed: int,
    start: FloatArray | None,
    aim: Aim,
    *,
    cost: int,
    starts: int,
    rounds: int,
    max_queries: int,
) -> AttackResult:
    """Move every example's ``starts`` nearest starts closer, in at most ``rounds`` rounds each.

    A round moves a point on the boundary in the direction of ``aim``, then bisects back to the
    boundary. In each round the nearest start comes first. ``cost``: the most queries of ``aim``.
    An example's first move is always made, a later one only if it cannot exceed ``max_queries``.
    ``start``: as in ``Attack``.
    """
    queries = LabelQueries(target, norm)
    inside, outside, length = _begin(queries, seed, start, starts)
    most = max_queries - (cost + len(_SHARES) + _HALVINGS)
    moved = np.zeros(len(length), dtype=bool)
    for number in range(rounds):
        for slots in np.argsort(length, axis=1, kind="stable").T:
            open_ = np.isfinite(length[np.arange(len(length)), slots])
            rows = np.flatnonzero(open_ & (~moved | (queries.spent <= most)))
            if not len(rows):
                continue
            at = rows, slots[rows]
            inside[at], outside[at] = _move(queries, aim, number, rows, inside[at], outside[at])
            shorter = distance(outside[at], norm)
            length[at] = np.where(shorter < (1 - _PROGRESS) * length[at], shorter, np.inf)
            moved[rows] = True
    return queries.result()


def _begin(
    queries: LabelQueries, seed: int, start: FloatArray | None, starts: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return starts just inside (n, s, m) and outside (n, s, m), and their distances (n, s)."""
    points, far = class_starts(queries.target, queries.norm, seed, halvings=6)
    nearest = np.argsort(far, axis=1, kind="stable")[:, :starts]
    points, far = np.take_along_axis(points, nearest[..., None], axis=1), np.sort(far)[:, :starts]
    if start is not None:
        points = np.concatenate(
            [points, np.clip(start, queries.low, queries.high)[:, None]], axis=1
        )
        far = np.concatenate([far, np.zeros((len(far), 1))], axis=1)
    rows, slots = np.nonzero(np.isfinite(far))
    hit = queries.adversarial(points[rows, slots], rows)
    at = rows[hit], slots[hit]
    inside, outside, length = points.copy(), points.copy(), np.full(far.shape, np.inf)
    inside[at], outside[at] = queries.meet(lambda share: share[:, None] * points[at], rows[hit])
    length[at] = distance(outside[at], queries.norm)
    return inside, outside, length


def _move(
    queries: LabelQueries,
    aim: Aim,
    number: int,
    rows: IntArray,
    inside: FloatArray,
    outside: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the points just inside (q, m) and just outside (q, m) after round ``number``."""
    direction = aim(queries, number, rows, inside, outside)
    parts = outside, direction, queries.low[rows], queries.high[rows]
    inside, outside, open_ = inside.copy(), outside.copy(), np.arange(len(rows))
    for share in _SHARES:
        path = _path(queries.norm, share, *(part[open_] for part in parts))
        hit = queries.adversarial(path(np.ones(len(open_))), rows[open_])
        at, open_ = open_[hit], open_[~hit]
        path = _path(queries.norm, share, *(part[at] for part in parts))
        inside[at], outside[at] = queries.meet(path, rows[at])
    return inside, outside


def _path(
    norm: Norm,
    share: float,
    points: FloatArray,
    direction: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> Path:
    """Return the path from the examples to points between ``points`` (q, m) and their aims.

    A point's aim is the point of its ball and box that is farthest in ``direction`` (q, m);
    ``share`` is the part of the way to it.
    """
    radius = distance(points, norm)

    def path(size: FloatArray) -> FloatArray:
        best = farthest(direction, low, high, size * radius, norm)
        return np.clip((1 - share) * size[:, None] * points + share * best, low, high)

    return path
