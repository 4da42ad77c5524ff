"""Square attack on tables: random search over subsets of features, using scores only.

After Andriushchenko et al. 2020 (1912.00049); random subsets of features replace squares of an
image's pixels.
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.gradient_attack import Run, run_gradient_attack
from genlabel_robust.attacks.search.log_probabilities import unflattened
from genlabel_robust.attacks.search.stacked_runs import LossOf
from genlabel_robust.attacks.search.steepest import steepest
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import FloatArray, IntArray, logit_margin
from genlabel_robust.targets.losses import margin
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Ball, Norm, distance, project

#: The share of features in the first moves, and the shares of the moves after which it is halved.
_FIRST = 0.8
_HALVED = (0.001, 0.005, 0.02, 0.1, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Square(Attack):
    """``restarts`` runs of ``moves`` moves, each the best of ``trials`` if it lowers the margin.

    A run starts at a random point at distance ε. A trial changes a random subset of features,
    which becomes smaller over time. In L∞ it flips their signs. In L2 it redistributes the length
    that the other features leave, half as before and half at random. One trial per move, as in
    the paper, breaks as many examples with as many queries, but in many more calls.
    """

    name = "square"
    needs = "scores"
    kind = "fixed"
    norms = ("linf", "l2")
    cost = 3000

    moves: int = budget(100)
    trials: int = count(20)
    restarts: int = budget(2)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball
        own = streams(target, np.arange(len(target.x)), seed, self.name)
        shape = (self.trials, 2, target.n_features)
        low, high = target.box

        def inside(points: FloatArray, rows: IntArray) -> FloatArray:
            return project(points, target.x[rows], low[rows], high[rows], eps, norm)

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            points = np.where(begin < 0, -eps, eps) if norm == "linf" else begin
            level = _level(target, inside(points, rows), rows)
            for taken in _counts(norm, target.n_features, self.moves):
                broken = level < 0
                visited.scores(inside(points[broken], rows[broken]), rows[broken])
                rows, points, level = rows[~broken], points[~broken], level[~broken]
                if not len(rows):
                    return
                draws = np.concatenate([own[row].standard_normal(shape) for row in rows])
                each = np.repeat(np.arange(len(rows)), self.trials)
                here = points if norm == "linf" else inside(points, rows)
                trials = _trials(here[each], draws, taken, norm, eps)
                reached = _level(target, inside(trials, rows[each]), rows[each])
                reached = reached.reshape(len(rows), self.trials)
                best = reached.argmin(axis=1)
                lower = np.flatnonzero(reached.min(axis=1) < level)
                points[lower] = trials[lower * self.trials + best[lower]]
                level[lower] = reached[lower, best[lower]]
            visited.scores(inside(points, rows), rows)

        begins = [None] * self.restarts if start is None else [start, *[None] * self.restarts]
        runs = [Run(lambda rows: margin, begin) for begin in begins]
        return run_gradient_attack(target, norm, eps, seed, runs, walk)


def _level(target: AttackTarget, points: FloatArray, rows: IntArray) -> FloatArray:
    """Return the margin (q,) of the true class at ``points`` (q, m), -inf where mislabelled.

    Probabilities are compared as logarithms.
    """
    scores = target.scores(points, rows)
    mislabelled = scores.argmax(axis=1) != target.y[rows]
    return np.where(mislabelled, -np.inf, logit_margin(unflattened(scores), target.y[rows]))


def _counts(norm: Norm, m: int, moves: int) -> IntArray:
    """Return how many of the m features each move changes, (moves,)."""
    halved = np.searchsorted(_HALVED, np.arange(moves) / moves, side="right")
    # in L2 at least two features are needed to redistribute length
    least = 1 if norm == "linf" else min(2, m)
    counts = np.clip(np.rint(_FIRST * m / 2.0**halved), least, m)
    return np.asarray(counts, dtype=np.int64)


def _trials(
    points: FloatArray, draws: FloatArray, count: int, norm: Norm, eps: float
) -> FloatArray:
    """Return ``points`` (q, m) with ``count`` features changed according to ``draws`` (q, 2, m)."""
    keys, noise = draws[:, 0], draws[:, 1]
    chosen = keys <= np.partition(keys, count - 1, axis=1)[:, count - 1 : count]
    if norm == "linf":
        return np.where(chosen, -points, points)
    kept, old = np.where(chosen, 0.0, points), np.where(chosen, points, 0.0)
    new = steepest(old, "l2") + np.where(chosen, noise, 0.0) / np.sqrt(count)
    room = np.maximum(eps**2 - distance(kept, "l2") ** 2, 0.0)
    return np.asarray(kept + np.sqrt(room)[:, None] * steepest(new, "l2"))
