from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.data.task import Scaling
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.space import AttackSpace

SCALING = Scaling("range", np.zeros(7), np.ones(7))


def space(price: list[float]) -> AttackSpace:
    """Return a space: two numbers, a monotone and an immutable one, a category of three columns."""
    return AttackSpace(
        np.zeros(7),
        np.ones(7),
        np.zeros(7),
        np.ones(7),
        np.arange(7) != 3,
        Rules(increasing=(2,), one_hot=((4, 5, 6),)),
        Features(np.array([0, 1, 2, 3, 4, 4, 4]), np.array(price)),
        np.array([np.inf, 0.25, *[np.inf] * 5]),
    )


def rows(n: int) -> torch.Tensor:
    rng = np.random.default_rng(0)
    x = rng.random((n, 7))
    x[:, 4:] = np.eye(3)[rng.integers(0, 3, n)]
    return torch.from_numpy(x.astype(np.float32))


@pytest.mark.parametrize(
    ("eps", "price"), [(1.0, [1.0] * 5), (2.0, [1.0] * 5), (2.5, [2, 1, 3, 1, 1.5])]
)
def test_training_changes_as_many_features_as_the_budget_buys(eps, price) -> None:
    torch.manual_seed(0)
    module, x = torch.nn.Linear(7, 2), rows(40)
    within = space(price)
    attack = training_step(within, SCALING, "l0", eps)
    y = module(x).argmax(dim=1)
    moved = attack(module, x, y, np.random.default_rng(0))
    delta = (moved - x).numpy().astype(np.float64)
    length = within.length(delta, "l0")
    assert (length <= eps).all()
    assert (length > 0).all()
    assert (delta[:, 3] == 0).all()
    assert (delta[:, 2] >= 0).all()
    assert (np.abs(delta[:, 1]) <= 0.25 + 1e-6).all()
    assert (moved[:, 4:].sum(dim=1) == 1).all()
    loss = torch.nn.functional.cross_entropy
    assert loss(module(moved), y) > loss(module(x), y)


def test_on_a_linear_module_it_takes_the_features_that_gain_most() -> None:
    module, x = torch.nn.Linear(7, 2), torch.full((3, 7), 0.5)
    x[:, 4:] = torch.tensor([1.0, 0.0, 0.0])
    with torch.no_grad():
        module.weight.zero_()
        module.weight[1] = torch.tensor([1.0, 3.0, 1.5, 9.0, 0.0, 0.1, 0.2])
        module.bias.copy_(torch.tensor([5.0, 0.0]))
    attack = training_step(space([1.0] * 5), SCALING, "l0", 2.0)
    moved = attack(module, x, torch.zeros(3, dtype=torch.int64), np.random.default_rng(1))
    # the ends gain 0.5, 3 times 0.25 and 1.5 times 0.5; the fixed feature would gain most
    delta = (moved - x).numpy()
    np.testing.assert_allclose(delta, [[0, 0.25, 0.5, 0, 0, 0, 0]] * 3, atol=1e-6)
