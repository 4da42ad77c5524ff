from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.training_step import training_step
from genlabel_robust.core.seeds import generator
from genlabel_robust.core.threat import distance


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_attacked_batches_stay_in_the_threat_and_raise_the_loss(norm, make_target) -> None:
    target = make_target(n=50, widths=(16,), immutable=(2,))
    target.raw = target.raw.clip(0, 1)
    step = training_step(target.space, target.model.scaling, norm, 0.1)
    x = torch.from_numpy(target.raw.astype(np.float32))
    y = torch.from_numpy(target.y)
    attacked = step(target.model.module, x, y, generator(0, "step"))
    moved = (attacked - x).numpy().astype(np.float64)
    assert distance(moved, norm).max() <= 0.1 + 1e-6
    assert (moved[:, 2] == 0).all()
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    before, after = (
        torch.nn.functional.cross_entropy(target.model.module(points), y)
        for points in (x, attacked)
    )
    assert after > before
    assert not attacked.requires_grad


def test_the_step_draws_only_from_the_generator_it_is_given(make_target) -> None:
    target = make_target(n=10)
    step = training_step(target.space, target.model.scaling, "linf", 0.1)
    x, y = torch.from_numpy(target.raw.astype(np.float32)), torch.from_numpy(target.y)
    state = torch.get_rng_state()
    first, second = (step(target.model.module, x, y, generator(1, "s")) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(state, torch.get_rng_state())
