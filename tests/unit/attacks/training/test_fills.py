from __future__ import annotations

import numpy as np
import torch

from genlabel_robust.attacks.training.fills import gone, with_fills
from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.nets.chain import LOGISTIC
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace

SCALING = Scaling("made", np.array([1.0, 0.5]), np.array([2.0, 0.5]), ((0, 4.0),))


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    raw = np.column_stack([rng.uniform(0, 9, 60), rng.integers(2, size=60)])
    return torch.from_numpy(SCALING.apply(raw)), torch.from_numpy(rng.integers(2, size=60))


def test_scaled_marks_tell_what_is_missing() -> None:
    x, _ = batch()
    np.testing.assert_array_equal(gone(SCALING, x)[:, 0], x[:, 1] > 0)


def test_what_an_attack_made_missing_gets_its_fill() -> None:
    x = torch.tensor([[9.0, 1.0], [9.0, -1.0]])
    assert with_fills(SCALING, x).tolist() == [[1.5, 1.0], [9.0, -1.0]]
    assert x.tolist() == [[9.0, 1.0], [9.0, -1.0]]


def test_training_attacks_no_value_that_is_missing() -> None:
    layers = LOGISTIC.initialise(2, 2, generator(0, "net"))
    low, high = np.array([0.0, 0.0]), np.array([9.0, 1.0])
    x, y = batch()
    for mutable in (np.array([True, False]), np.array([True, True])):
        rules = Rules(integer=(1,) if mutable[1] else ())
        space = AttackSpace(np.zeros(2), np.ones(2), low, high, mutable, rules)
        step = training_step(space, SCALING, "linf", 1.0)
        attacked = step(LOGISTIC.module(layers), x, y, generator(0, "step"))
        hidden = gone(SCALING, attacked)[:, 0]
        np.testing.assert_allclose(attacked[hidden, 0], 1.5, rtol=1e-6)
        still = hidden & gone(SCALING, x)[:, 0]
        assert still.any()
        assert (hidden == gone(SCALING, x)[:, 0]).all() != mutable[1]
