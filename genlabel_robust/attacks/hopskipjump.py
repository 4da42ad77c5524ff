"""HopSkipJump: a boundary walk using labels only (Chen et al. 2020, arXiv 1904.02144)."""

from dataclasses import dataclass
from math import ceil, log2, sqrt

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.bisect import crossing
from genlabel_robust.attacks.search.decision_attack import DecisionSearch
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, distance

#: Numbers in the probes of one call to the model: as many as fit into the cache.
_NUMBERS = 100_000

#: The most halvings of a jump before it is given up.
_SHORTER = 16


@dataclass(frozen=True)
class HopSkipJump(Attack):
    """``iterations`` jumps along normals; jump t estimates its own by ``evaluations`` · √t probes.

    ``max_queries``: an example makes no further jump that could exceed this total.
    """

    name = "hopskipjump"
    needs = "decisions"
    kind = "minimum"
    norms = ("linf", "l2")
    cost = 3000

    iterations: int = budget(6)
    evaluations: int = count(200)
    max_queries: int = budget(10_000)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, _ = ball
        search = DecisionSearch(target, norm)
        rows = search.begin(seed, start)
        generators = streams(target, rows, seed, self.name)
        # the boundary must be met much closer than the radius of the probes, 1/m of the distance
        halvings = 3 + ceil(1.5 * log2(target.n_features))
        points = _to_boundary(search, search.points[rows], rows, halvings)
        for t in range(1, self.iterations + 1):
            probes = int(self.evaluations * sqrt(t))
            most = search.queries[rows] + probes + _SHORTER + halvings
            going = np.flatnonzero(most <= self.max_queries)
            if not len(going):
                break
            rows, points = rows[going], points[going]
            generators = [generators[i] for i in going]
            normals = _normals(search, points, rows, probes, generators)
            points = _jump(search, points, rows, normals, t)
            points = _to_boundary(search, points, rows, halvings)
        return search.result()


def _normals(
    search: DecisionSearch,
    points: FloatArray,
    rows: IntArray,
    probes: int,
    generators: list[np.random.Generator],
) -> FloatArray:
    """Estimate the direction (r, m) across the boundary at ``points`` (r, m) from ``probes`` each.

    Returns unit vectors in L2, signs in L∞. Each probe is at 1/m of the point's distance.
    """
    m = points.shape[1]
    size = max(1, _NUMBERS // (probes * m))
    normals = np.empty_like(points)
    for begin in range(0, len(rows), size):
        block = slice(begin, begin + size)
        noise = np.empty((len(rows[block]), probes, m))
        for own, generator in zip(noise, generators[block], strict=True):
            if search.norm == "l2":
                generator.standard_normal(out=own)
            else:
                generator.random(out=own)
        normals[block] = _estimate(search, points[block], rows[block], noise)
    if search.norm == "linf":
        return np.sign(normals)
    length = distance(normals, "l2")[:, None]
    return normals / np.where(length > 0, length, 1.0)


def _estimate(
    search: DecisionSearch, points: FloatArray, rows: IntArray, noise: FloatArray
) -> FloatArray:
    """Return the sum (r, m) of the probes' moves, weighted by the model's decisions.

    ``noise`` (r, p, m) is overwritten by the probes.
    """
    if search.norm == "linf":
        noise *= 2
        noise -= 1
    radius = distance(points, search.norm) / points.shape[1]
    noise *= (radius[:, None] / np.sqrt(np.einsum("rpm,rpm->rp", noise, noise)))[..., None]
    noise += points[:, None]
    np.clip(noise, search.low[rows, None], search.high[rows, None], out=noise)
    sign = np.where(search.ask(noise, rows), 1.0, -1.0)
    mean = sign.mean(axis=1, keepdims=True)
    weight = np.where(np.abs(mean) == 1, sign, sign - mean)
    moved = (weight[:, None] @ noise)[:, 0]
    return np.asarray(moved - weight.sum(axis=1, keepdims=True) * points)


def _jump(
    search: DecisionSearch, points: FloatArray, rows: IntArray, normals: FloatArray, t: int
) -> FloatArray:
    """Move ``points`` (r, m) along ``normals`` (r, m) by the longest step that stays adversarial.

    The first step is the distance over sqrt(t), each next one half as long: the geometric
    progression of Chen et al. If no step is adversarial, the point stays.
    """
    reached, open_ = points.copy(), np.arange(len(rows))
    moves = (distance(points, search.norm) / sqrt(t))[:, None] * normals
    for _ in range(_SHORTER):
        at = rows[open_]
        trial = np.clip(points[open_] + moves[open_], search.low[at], search.high[at])
        adversarial = search.ask(trial[:, None], at)[:, 0]
        reached[open_[adversarial]] = trial[adversarial]
        open_ = open_[~adversarial]
        moves /= 2
    return reached


def _to_boundary(
    search: DecisionSearch, points: FloatArray, rows: IntArray, halvings: int
) -> FloatArray:
    """Bisect adversarial ``points`` (r, m) to the boundary: along a line, or in L∞ by clipping."""
    reach = distance(points, search.norm)[:, None]

    def drawn(share: FloatArray) -> FloatArray:
        if search.norm == "linf":
            return np.clip(points, -share[:, None] * reach, share[:, None] * reach)
        return share[:, None] * points

    def adversarial(share: FloatArray) -> BoolArray:
        return search.ask(drawn(share)[:, None], rows)[:, 0]

    return drawn(crossing(adversarial, np.ones(len(rows)), halvings)[1])
