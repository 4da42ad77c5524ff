"""Noise: random points of the ball; examples that they break need no search at all."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult, Outcome
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget
from genlabel_robust.core import FloatArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, Norm, distance, project

#: Numbers in the largest array of points, except for the features of a single point.
_NUMBERS = 2_000_000
#: Numbers in the points of several examples that are drawn and queried at once.
_AT_ONCE = 2**19


@dataclass(frozen=True)
class Noise(Attack):
    """The nearest adversarial point of ``draws`` random ones for each example.

    The first half is drawn inside the ball: in L∞ uniformly from the cube, else at a uniform
    radius in a random direction. The other half lies on its surface: in L∞ at corners of the
    cube, else at the radius ε. All are then clipped to the example's box.
    """

    name = "noise"
    needs = "decisions"
    kind = "fixed"
    norms = ("linf", "l2", "l1")
    cost = 1000
    searches = False

    draws: int = budget(1000)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball
        before = target.queries.copy()
        n, m = target.x.shape
        points, nearest = target.x.copy(), np.full(n, np.inf)
        # the sizes depend on m alone, so an example draws the same numbers in any batch
        most = max(1, _NUMBERS // max(m, 1))
        inside = self.draws // 2
        parts = [*_parts(inside, most, "inside"), *_parts(self.draws - inside, most, "edge")]
        size = max(1, _AT_ONCE // max(m * self.draws, 1))
        for begin in range(0, n, size):
            rows = np.arange(begin, min(begin + size, n))
            generators = streams(target, rows, seed, self.name)
            low, high = (edge[rows][:, None] for edge in target.box)
            for count, where in parts:
                drawn = np.stack([_draw(g, count, m, where, norm) for g in generators])
                drawn = project(eps * drawn, np.zeros_like(low), low, high, eps, norm)
                flat, owners = drawn.reshape(-1, m), np.repeat(rows, count)
                hits = np.flatnonzero(target.predict(flat, owners) != target.y[owners])
                far: FloatArray = np.full(len(owners), np.inf)
                far[hits] = target.distance(flat[hits], owners[hits], norm)
                far = far.reshape(len(rows), count)
                line, best = np.arange(len(rows)), far.argmin(axis=1)
                nearer = np.flatnonzero(far[line, best] < nearest[rows])
                points[rows[nearer]] = drawn[nearer, best[nearer]]
                nearest[rows[nearer]] = far[nearer, best[nearer]]
        return AttackResult(
            points=points,
            outcome=np.where(np.isfinite(nearest), int(Outcome.BROKEN), int(Outcome.SURVIVED)),
            queries=target.queries - before,
        )


def _parts(
    count: int, most: int, where: Literal["inside", "edge"]
) -> list[tuple[int, Literal["inside", "edge"]]]:
    """Divide ``count`` draws into parts of at most ``most``."""
    return [(min(most, count - begin), where) for begin in range(0, count, most)]


def _draw(
    generator: np.random.Generator,
    count: int,
    m: int,
    where: Literal["inside", "edge"],
    norm: Norm,
) -> FloatArray:
    """Return ``count`` points (count, m) of the unit ball, or of its surface."""
    if norm == "linf":
        if where == "inside":
            return generator.uniform(-1.0, 1.0, (count, m))
        return generator.choice((-1.0, 1.0), (count, m))
    # uniform on the sphere; in L1 by Laplace draws (Barthe et al. 2005, math/0503650)
    direction = (
        generator.laplace(size=(count, m))
        if norm == "l1"
        else generator.standard_normal((count, m))
    )
    direction /= distance(direction, norm)[:, None]
    if where == "edge":
        return np.asarray(direction)
    return np.asarray(direction * generator.random(count)[:, None])
