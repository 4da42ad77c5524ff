"""Evolutionary search along the axes, using labels only: for trees, whose cells are boxes."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.attacks.search.decision_attack import DecisionSearch
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, Norm

#: Bisections for a point of the first population, and for a feature of the last point.
_FIRST, _LAST = 6, 8

#: Random numbers of a child besides the two per feature, and the share of children without parents.
_SCALARS, _LONE = 8, 0.125


@dataclass(frozen=True)
class Evolutionary(Attack):
    """A ``population`` of adversarial points per example that evolves toward smaller distances.

    The population starts with the example's start and pool rows of other classes, moved to the
    boundary. A child takes some features from a second parent, resets some to the example, wholly
    or in part, and perturbs others. The nearest adversarial points survive. Up to a quarter of the
    ``queries`` finally bisect the features of the nearest point one by one. ``queries``: points
    queried per example after its start.

    Like the decision-based evolution of Dong et al. 2019 (1904.04433), but over single features:
    the boundary of a tree has no normal to estimate, only thresholds to meet.
    """

    name = "evolutionary"
    needs = "decisions"
    kind = "minimum"
    norms = ("linf", "l2", "l1")
    cost = 3000

    queries: int = budget(3000)
    population: int = count(16, least=2)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, _ = ball
        search = DecisionSearch(target, norm)
        rows = search.begin(seed, start)
        if not len(rows):
            return search.result()
        generators = streams(target, rows, seed, self.name)
        low, high = search.low[rows, None], search.high[rows, None]
        pulled = min(target.n_features, self.queries // 4 // (_LAST + 1))
        generations = (self.queries - pulled * (_LAST + 1)) // self.population - _FIRST - 1
        points = _first_population(search, rows, self.population, generators)
        far = _fitness(search, points, rows)
        for _ in range(generations):
            shape = (self.population, _SCALARS + 2 * target.n_features)
            draws = np.stack([generator.random(shape) for generator in generators])
            children = np.clip(_children(points, far, draws, norm), low, high)
            points = np.concatenate([points, children], axis=1)
            far = np.concatenate([far, _fitness(search, children, rows)], axis=1)
            points, far = _survivors(points, far, self.population)
        _pull_back(search, rows, pulled)
        return search.result()


def _first_population(
    search: DecisionSearch, rows: IntArray, size: int, generators: list[np.random.Generator]
) -> FloatArray:
    """Return points (r, size, m): each example's start and pool rows of other classes, bisected."""
    target = search.target
    points = np.repeat(search.points[rows, None], size, axis=1)
    others = {y: np.flatnonzero(target.pool_labels != y) for y in np.unique(target.y[rows])}
    for place, row in enumerate(rows):
        candidates = others[target.y[row]]
        if len(candidates):
            chosen = candidates[generators[place].integers(len(candidates), size=size - 1)]
            points[place, 1:] = target.enter(target.pool[chosen], np.full(size - 1, row))
    points = np.clip(points, search.low[rows, None], search.high[rows, None])
    flat = points.reshape(-1, points.shape[2])
    return bisect(target, flat, np.repeat(rows, size), _FIRST).reshape(points.shape)


def _fitness(search: DecisionSearch, points: FloatArray, rows: IntArray) -> FloatArray:
    """Query ``points`` (r, c, m); return their distances (r, c), inf where not adversarial."""
    flat, owners = points.reshape(-1, points.shape[2]), np.repeat(rows, points.shape[1])
    far = search.target.distance(flat, owners, search.norm).reshape(points.shape[:2])
    return np.where(search.ask(points, rows), far, np.inf)


def _survivors(points: FloatArray, far: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Return the nearest ``size`` of ``points`` (r, c, m) at ``far`` (r, c), and their distances.

    Points at equal distances are mostly copies: all but one of them count as not adversarial.
    """
    line = np.arange(len(far))[:, None]
    order = far.argsort(axis=1, kind="stable")
    far = far[line, order]
    far[:, 1:][far[:, 1:] == far[:, :-1]] = np.inf
    again = far.argsort(axis=1, kind="stable")[:, :size]
    return points[line, order[line, again]], far[line, again]


def _children(points: FloatArray, far: FloatArray, draws: FloatArray, norm: Norm) -> FloatArray:
    """Return one child (r, c, m) for each of ``draws``, from parents ``points`` (r, p, m).

    ``far`` (r, p): the parents' distances, inf for points that may not be parents; ``draws``
    (r, c, _SCALARS + 2 m): uniform on [0, 1). Nearer parents are more likely to contribute most
    features. Each child draws how many features it takes from the second parent, resets or
    perturbs, and how far perturbations go, so that small and large changes remain possible. A few
    children are the example itself with about two features perturbed by up to the parent's
    distance. In L∞, where resetting one feature gains nothing, all are clipped to a smaller cube.
    """
    m, line = points.shape[2], np.arange(len(points))[:, None]
    main, other, lone, *rest = np.moveaxis(draws[..., :_SCALARS], 2, 0)
    taken, pulled, nudged, reach, cut = (own[..., None] for own in rest)
    which, size = draws[..., _SCALARS : _SCALARS + m], draws[..., _SCALARS + m :]
    parents = np.isfinite(far).sum(axis=1, keepdims=True)
    first, second = ((parents * rank).astype(np.int64) for rank in (main**2, other))
    # a point on the boundary may not be adversarial when queried again in another batch
    radius = np.where(parents > 0, far[line, first], 0.0)[..., None]
    anew = lone[..., None] < _LONE
    genes = np.where(anew, 0.0, points[line, first])
    # about two features: log1p(-u) of a uniform u is an exponential variable
    few_pulled, few_nudged = (np.minimum(-2 * np.log1p(-u) / m, 1) for u in (pulled, nudged))
    take = np.where(anew, 0.0, taken / 2)
    pull = take + (1 - take) * few_pulled
    nudge = pull + (1 - pull) * np.where(anew, few_nudged, nudged)
    choices = (
        points[line, second],
        genes * np.maximum(2 * size - 1, 0),
        genes + radius * np.where(anew, 1.0, reach / 4) * (2 * size - 1),
    )
    children: FloatArray = np.select((which < take, which < pull, which < nudge), choices, genes)
    if norm != "linf":
        return children
    cube = radius * (1 - cut / 10)
    return np.clip(children, -cube, cube)


def _pull_back(search: DecisionSearch, rows: IntArray, features: int) -> None:
    """Bisect features of the nearest points toward the example, the largest change first.

    ``features``: how many of them. ``search`` records the results.
    """
    line, points = np.arange(len(rows)), search.points[rows]
    order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :features]
    for axis in order.T:
        value = points[line, axis]
        outside, inside = np.ones(len(rows)), np.zeros(len(rows))
        for halving in range(_LAST + 1):
            share = (outside + inside) / 2 if halving else inside
            points[line, axis] = share * value
            adversarial = search.ask(points[:, None], rows)[:, 0]
            outside = np.where(adversarial, share, outside)
            inside = np.where(adversarial, inside, share)
        points[line, axis] = outside * value
