"""APGD: projected gradient descent with adaptive steps (Croce & Hein 2020, 2003.01690)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.gradient_attack import plan_runs, run_gradient_attack
from genlabel_robust.attacks.search.stacked_runs import LossOf
from genlabel_robust.attacks.search.steepest import steepest
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.losses import value
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Ball, project

#: The weight of the new direction against the last step, and the share of steps that must raise
#: the loss for their size to stay.
_MOMENTUM, _RISING = 0.25, 0.75


@dataclass(frozen=True)
class APGD(Attack):
    """``restarts`` runs of ``steps`` steps; ``targets`` and the losses are as in ``plan_runs``.

    A step is initially 2 ε long. At fixed checkpoints it is halved for an example whose loss rose
    in too few steps, or whose highest loss is the same as at the last checkpoint; the example then
    continues from its highest point. An example that is broken drops out at the next checkpoint.
    The margin replaces the paper's difference-of-logits ratio, which needs three classes; with
    steps of fixed length its denominator has no effect.
    """

    name = "apgd"
    needs = "gradients"
    kind = "fixed"
    norms = ("linf", "l2")
    cost = 300

    steps: int = budget(100)
    restarts: int = budget(2)
    targets: int = count(0, least=0)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            _climb(visited, loss_of, rows, begin, (norm, eps), self.steps)

        runs = plan_runs(target, self.restarts, self.targets, start)
        return run_gradient_attack(target, norm, eps, seed, runs, walk, at_once=True)


def _climb(
    visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray, ball: Ball, steps: int
) -> None:
    """Make one run of ``steps`` steps in ``ball`` on the examples ``rows`` (b,)."""
    loss, gradient = _look(visited, loss_of, rows, begin)
    walk = _Walk(
        rows,
        begin,
        np.zeros_like(begin),
        loss,
        gradient,
        begin,
        loss,
        gradient,
        size=np.full(len(rows), 2 * ball[1]),
        last_top=np.full(len(rows), -np.inf),
    )
    momentum = 0.0
    for leg in _legs(steps):
        rises = np.zeros(len(walk.rows))
        for _ in range(leg):
            rises += walk.step(visited, loss_of, ball, momentum)
            momentum = _MOMENTUM
        walk.adapt(rises < _RISING * leg)
        walk = walk.only(visited.rank[walk.rows] >= 0.0)
        if not len(walk.rows):
            return


def _legs(steps: int) -> Iterator[int]:
    """Yield the numbers of steps between checkpoints, ``steps`` in all.

    The checkpoints are at 22, 41, 57, ... percent. The arithmetic uses whole numbers, because the
    float 0.57 · 100 is above 57.
    """
    percent, length, last = 22, 22, 0
    while last < steps:
        checkpoint = min(-(-percent * steps // 100), steps)
        if checkpoint > last:
            yield checkpoint - last
        length = max(length - 3, 6)
        percent, last = percent + length, checkpoint


def _look(
    visited: Visited, loss_of: LossOf, rows: IntArray, x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the loss (b,) and its gradient (b, m) at ``x`` (b, m), variants of ``rows`` (b,)."""
    loss = loss_of(rows)
    scores, gradient = visited.gradient(x, rows, loss)
    return value(scores, loss(scores, visited.target.y[rows])), gradient


@dataclass
class _Walk:
    """The state of a run: arrays (b,) and (b, m) with one line per example.

    ``drift`` is the step that led to ``x``; ``top`` is the point with the highest loss so far;
    ``last_top`` is the highest loss at the last checkpoint, -inf if the step ``size`` was halved
    there.
    """

    rows: IntArray
    x: FloatArray
    drift: FloatArray
    loss: FloatArray
    gradient: FloatArray
    top: FloatArray
    top_loss: FloatArray
    top_gradient: FloatArray
    size: FloatArray
    last_top: FloatArray

    def step(self, visited: Visited, loss_of: LossOf, ball: Ball, momentum: float) -> BoolArray:
        """Make a step with a share ``momentum`` of the last one; mark where the loss rose (b,)."""
        norm, eps = ball
        low, high = (edge[self.rows] for edge in visited.target.box)
        ahead = self.x + self.size[:, None] * steepest(self.gradient, norm)
        ahead = project(ahead, np.zeros_like(ahead), low, high, eps, norm)
        ahead = ahead - momentum * (ahead - self.x - self.drift)
        ahead = project(ahead, np.zeros_like(ahead), low, high, eps, norm)
        self.drift, self.x = ahead - self.x, ahead
        last, (self.loss, self.gradient) = self.loss, _look(visited, loss_of, self.rows, ahead)
        higher = self.loss > self.top_loss
        self.top_loss = np.where(higher, self.loss, self.top_loss)
        self.top = np.where(higher[:, None], self.x, self.top)
        self.top_gradient = np.where(higher[:, None], self.gradient, self.top_gradient)
        return np.asarray(self.loss > last)

    def adapt(self, rarely: BoolArray) -> None:
        """Halve the step and return to the top where the loss rose ``rarely`` (b,) or stagnates."""
        halve = rarely | (self.top_loss == self.last_top)
        self.size = np.where(halve, self.size / 2, self.size)
        self.last_top = np.where(halve, -np.inf, self.top_loss)
        self.loss = np.where(halve, self.top_loss, self.loss)
        self.x = np.where(halve[:, None], self.top, self.x)
        self.gradient = np.where(halve[:, None], self.top_gradient, self.gradient)
        self.drift = np.where(halve[:, None], 0.0, self.drift)

    def only(self, lines: BoolArray) -> _Walk:
        """Return the state of the examples ``lines`` (b,) only."""
        return _Walk(*(array[lines] for array in vars(self).values()))
