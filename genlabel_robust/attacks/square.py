"""Square attack on tables: random search over subsets of features, by scores alone.

After Andriushchenko et al. 2020 (1912.00049), whose squares of an image's pixels become
random subsets of features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from genlabel_robust.attacks.attack import AttackResult, budget
from genlabel_robust.attacks.gradient_attack import LossOf, Run, run_gradient_attack
from genlabel_robust.attacks.log_probabilities import unflattened
from genlabel_robust.attacks.settings import whole_number
from genlabel_robust.attacks.steepest import steepest
from genlabel_robust.attacks.streams import streams
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.core.space import project
from genlabel_robust.core.threat import Knowledge, Norm, distance
from genlabel_robust.estimators.losses import margin, value
from genlabel_robust.estimators.target import AttackTarget
from genlabel_robust.estimators.visited import Visited

#: The share of the features in the first moves, and after which shares of the moves it is halved.
_FIRST = 0.8
_HALVED = (0.001, 0.005, 0.02, 0.1, 0.2, 0.4, 0.6, 0.8)

#: Moves that are drawn at once.
_DRAWN = 32


@dataclass(frozen=True)
class Square:
    """``restarts`` runs that ask about ``moves`` points each, and keep what raises the margin loss.

    A run begins at a random point, at full length ε. A move takes a random subset of
    features, ever smaller ones. In L∞ it flips their signs; in L2 it shares out anew, half as
    before and half at random, the length that the other features leave.
    """

    name: ClassVar[str] = "square"
    needs: ClassVar[Knowledge] = "scores"
    kind: ClassVar[Literal["fixed", "minimum"]] = "fixed"
    norms: ClassVar[tuple[Norm, ...]] = ("linf", "l2")
    cost: ClassVar[int] = 1000

    moves: int = budget(1000)
    restarts: int = budget(2)

    def __post_init__(self) -> None:
        whole_number(self.name, "moves", self.moves)
        whole_number(self.name, "restarts", self.restarts)

    def __call__(
        self,
        target: AttackTarget,
        norm: Norm,
        eps: float,
        seed: int,
        start: FloatArray | None = None,
    ) -> AttackResult:
        """Attack every example of ``target`` within ``eps``; one that is broken is left alone."""
        own = streams(target, np.arange(len(target.x)), seed, self.name)

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            _search(visited, rows, begin, own, norm, eps, self.moves)

        begins = [None] * self.restarts if start is None else [start, *[None] * self.restarts]
        runs = [Run(lambda rows: margin, begin) for begin in begins]
        return run_gradient_attack(target, norm, eps, seed, runs, walk)


def _search(
    visited: Visited,
    rows: IntArray,
    begin: FloatArray,
    own: Sequence[np.random.Generator],
    norm: Norm,
    eps: float,
    moves: int,
) -> None:
    """Visit ``moves`` points of each of ``rows`` (b,), from ``begin`` (b, m) on.

    ``own``: every example's generator.
    """
    target = visited.target

    def inside(points: FloatArray) -> FloatArray:
        low, high = (edge[rows] for edge in target.box)
        return project(points, target.x[rows], low, high, eps, norm)

    points = trial = np.where(begin < 0, -eps, eps) if norm == "linf" else begin
    best, draws = np.full(len(rows), -np.inf), np.zeros(0)
    for number, count in enumerate(_counts(norm, target.n_features, moves)):
        scores = unflattened(visited.scores(inside(trial), rows))
        level = value(scores, margin(scores, target.y[rows]))
        better = level > best
        points, best = np.where(better[:, None], trial, points), np.where(better, level, best)
        open_ = visited.rank[rows] >= 0
        rows, points, best = rows[open_], points[open_], best[open_]
        if not len(rows):
            return
        if number % _DRAWN == 0:
            size = (_DRAWN, 2, target.n_features)
            draws = np.stack([own[row].standard_normal(size) for row in rows])
        else:
            draws = draws[open_]
        keys, noise = draws[:, number % _DRAWN].transpose(1, 0, 2)
        chosen = keys <= np.partition(keys, count - 1, axis=1)[:, count - 1 : count]
        if norm == "linf":
            trial = np.where(chosen, -points, points)
        else:
            trial = _share_out(inside(points), chosen, noise, eps)


def _counts(norm: Norm, m: int, moves: int) -> IntArray:
    """Return how many of the m features each move takes, (moves,)."""
    halved = np.searchsorted(_HALVED, np.arange(moves) / moves, side="right")
    # in L2 a single feature has nothing to share out
    least = 1 if norm == "linf" else min(2, m)
    counts = np.clip(np.rint(_FIRST * m / 2.0**halved), least, m)
    return np.asarray(counts, dtype=np.int64)


def _share_out(points: FloatArray, chosen: BoolArray, noise: FloatArray, eps: float) -> FloatArray:
    """Return ``points`` (q, m) with new values where ``chosen`` (q, m), of length ``eps`` in all.

    Their direction is the old one plus that of the ``noise`` (q, m).
    """
    kept, old = np.where(chosen, 0.0, points), np.where(chosen, points, 0.0)
    new = steepest(old, "l2") + steepest(np.where(chosen, noise, 0.0), "l2")
    room = np.maximum(eps**2 - distance(kept, "l2") ** 2, 0.0)
    return np.asarray(kept + np.sqrt(room)[:, None] * steepest(new, "l2"))
