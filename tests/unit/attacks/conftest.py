"""Models given by a formula, whose distances to decision boundaries are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.norms import Knowledge
from genlabel_robust.threat.space import AttackSpace


@dataclass(frozen=True)
class Formula:
    """A model whose ``scores`` are a function (q, d) -> (q, k)."""

    scores: Callable[[np.ndarray], np.ndarray]
    n_classes: int
    knowledge: Knowledge = "scores"

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return self.scores(raw).argmax(axis=1)

    decide = predict


@pytest.fixture
def formula_target():
    """Return a function that makes a target in the unit box from a formula.

    ``scores`` (q, d) -> (q, k): the formula. ``raw`` (n, d): the examples, labelled by the model.
    ``pool`` (p, d): training rows, empty by default.
    """

    def make(scores, raw, pool=None) -> AttackTarget:
        raw = np.asarray(raw, dtype=np.float64)
        d = raw.shape[1]
        space = AttackSpace(
            offset=np.zeros(d),
            scale=np.ones(d),
            low=np.zeros(d),
            high=np.ones(d),
            mutable=np.ones(d, dtype=bool),
        )
        model = Formula(scores, scores(raw).shape[1])
        pool = np.zeros((0, d)) if pool is None else np.asarray(pool, dtype=np.float64)
        return AttackTarget(model, space, raw, model.predict(raw), pool)

    return make
