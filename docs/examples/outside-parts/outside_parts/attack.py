"""An attack: random corners of the ball, for models that give labels only."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.parts import (
    Attack,
    AttackResult,
    AttackTarget,
    Ball,
    FloatArray,
    Outcome,
    budget,
    streams,
)


@dataclass(frozen=True)
class Corners(Attack):
    """Random corners of the L∞ ball; needs decisions only."""

    name = "corners"
    needs = "decisions"
    kind = "fixed"
    norms = ("linf",)
    cost = 50
    searches = False

    draws: int = budget(50)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        _, eps = ball
        before = target.queries.copy()
        n, m = target.x.shape
        points, outcome = target.x.copy(), np.full(n, int(Outcome.SURVIVED))
        low, high = target.box
        # a row draws the same numbers in any company
        for row, rng in enumerate(streams(target, np.arange(n), seed, self.name)):
            moves = eps * rng.choice((-1.0, 1.0), (self.draws, m))
            tried = np.clip(target.x[row] + moves, low[row], high[row])
            owners = np.full(self.draws, row)
            hits = np.flatnonzero(target.predict(tried, owners) != target.y[row])
            if len(hits):
                points[row], outcome[row] = tried[hits[0]], int(Outcome.BROKEN)
        return AttackResult(points, outcome, target.queries - before)
