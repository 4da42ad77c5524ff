from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.seeds import generator
from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP, layers_of
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked.sgd import StackedSGD, clip_norms
from genlabel_robust.trainers.torch_trainer import train

RNG = np.random.default_rng(0)


def test_sgd_is_torchs_for_every_learning_rate():
    start, rates = torch.tensor(RNG.normal(size=(3, 4, 2))), [0.1, 0.01, 0.5]
    stacked = start.clone()
    ours = StackedSGD([stacked], rates, weight_decay=1e-2, momentum=0.9)
    theirs = [row.clone().requires_grad_(True) for row in start]
    optimisers = [
        torch.optim.SGD([p], rate, momentum=0.9, weight_decay=1e-2)
        for p, rate in zip(theirs, rates, strict=True)
    ]
    for _ in range(50):
        gradient = torch.tensor(RNG.normal(size=(3, 4, 2)))
        for index, optimiser in enumerate(optimisers):
            theirs[index].grad = gradient[index].clone()
            optimiser.step()
        ours.step([gradient], np.ones(3, dtype=bool))
    torch.testing.assert_close(stacked, torch.stack(theirs).detach(), rtol=1e-12, atol=1e-12)


def test_a_model_that_is_not_active_keeps_its_velocity():
    parameters = [torch.zeros(2, 1, 1, dtype=torch.float64)]
    ours = StackedSGD(parameters, [1.0, 1.0], weight_decay=0.0, momentum=0.5)
    for active in ([True, True], [True, False], [True, True]):
        ours.step([torch.ones(2, 1, 1, dtype=torch.float64)], np.array(active))
    # velocities 1, 1.5, 1.75 against 1, none, 1.5
    assert parameters[0].flatten().tolist() == [-4.25, -2.5]


def test_clipping_is_torchs_over_all_parameters_of_a_model():
    shapes, scales = ((4, 2), (1, 2)), (0.01, 1.0, 100.0)
    gradients = [
        torch.tensor(np.stack([s * RNG.normal(size=shape) for s in scales])) for shape in shapes
    ]
    expected = []
    for index in range(3):
        leaves = [torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
        for leaf, g in zip(leaves, gradients, strict=True):
            leaf.grad = g[index].clone()
        torch.nn.utils.clip_grad_norm_(leaves, 2.0)
        expected.append([leaf.grad for leaf in leaves])
    clip_norms(gradients, 2.0)
    for index, leaves in enumerate(expected):
        for g, leaf in zip(gradients, leaves, strict=True):
            torch.testing.assert_close(g[index], leaf, rtol=1e-12, atol=0)


@pytest.mark.parametrize("architecture", [LOGISTIC, LINEAR3, MLP], ids=lambda a: a.name)
@pytest.mark.parametrize("strategy", ["vanilla", "adversarial"])
def test_a_training_is_the_plain_loop_of_torch(architecture, strategy):
    """Stacked or by the strategy's own loss: the same SGD, clipped."""
    x, y = RNG.normal(size=(50, 3)).astype(np.float32), np.arange(50) % 3
    if architecture.widths:
        architecture = architecture.with_widths((8, 6))
    config = TrainConfig(
        epochs=6, batch_size=20, learning_rate=0.3, optimizer="sgd", momentum=0.8, clip_norm=0.2
    )
    unattacked = {"attack_step": lambda net, rows, labels, rng: rows}
    trained = train(
        x,
        y,
        3,
        architecture,
        strategy,
        config=config,
        seed=4,
        **(unattacked if strategy == "adversarial" else {}),
    )
    net = architecture.module(architecture.initialise(3, 3, generator(4, "initialisation", 0)))
    optimiser = torch.optim.SGD(net.parameters(), 0.3, momentum=0.8, weight_decay=1e-4)
    for _ in range(6):
        for start in range(0, 50, 20):
            rows = slice(start, start + 20)
            optimiser.zero_grad()
            functional.cross_entropy(net(torch.tensor(x[rows])), torch.tensor(y[rows])).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.2)
            optimiser.step()
    for (w, b), (w2, b2) in zip(trained.layers, layers_of(net), strict=True):
        np.testing.assert_allclose(w, w2, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(b, b2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("momentum", 1.0),
        ("momentum", -0.1),
        ("momentum", float("nan")),
        ("momentum", True),
        ("clip_norm", 0.0),
        ("clip_norm", float("inf")),
    ],
)
def test_an_impossible_setting_is_refused_by_name(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        TrainConfig(**{setting: value})


def test_an_unknown_optimizer_names_those_that_there_are():
    with pytest.raises(UnknownNameError, match="adam, sgd"):
        TrainConfig(optimizer="rmsprop")
