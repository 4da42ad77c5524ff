from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import nn

from genlabel_robust.models.nets.plain_layers import forward, gradient, logits, plain_layers

SHAPES = [
    (4, (), 3),
    (1, (), 2),
    (5, (7,), 2),
    (30, (128, 128), 2),
    (3, (16, 5, 9), 4),
    (2, (1,), 1),
]


def chain(d: int, widths: tuple[int, ...], k: int, seed: int) -> nn.Sequential:
    sizes, parts = [d, *widths, k], []
    for before, after in pairwise(sizes):
        parts += [nn.ReLU()] if parts else []
        parts.append(nn.Linear(before, after))
    net = nn.Sequential(*parts)
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=parameter.shape)))
    return net


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [1024, 3008])
def test_many_rows_have_the_bits_that_they_have_in_one_block(shape, n) -> None:
    layers = plain_layers(chain(*shape, seed=2))
    assert layers is not None
    x = torch.from_numpy(np.random.default_rng(3).normal(size=(n, shape[0])).astype(np.float32))
    assert torch.equal(logits(layers, x), forward(layers, x)[-1])


@pytest.mark.parametrize(("shape", "n"), [*product(SHAPES, [16, 48, 1040])])
def test_logits_and_gradients_are_those_of_the_modules_to_the_bit(shape, n) -> None:
    net = chain(*shape, seed=n)
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.normal(size=(n, shape[0])).astype(np.float32))
    weight = torch.from_numpy(rng.normal(size=(n, shape[2])).astype(np.float32))
    layers = plain_layers(net)
    assert layers is not None
    kept = x.clone()
    steps = forward(layers, x)
    slope = gradient(layers, steps, weight)
    assert torch.equal(x, kept)
    asked = x.clone().requires_grad_(True)
    logits = net(asked)
    (own,) = torch.autograd.grad(logits, asked, weight)
    assert steps[-1].numpy().tobytes() == logits.detach().numpy().tobytes()
    assert slope.numpy().tobytes() == own.numpy().tobytes()


def test_values_that_are_no_numbers_go_the_modules_way() -> None:
    net = chain(3, (8, 8), 2, seed=0)
    with torch.no_grad():
        net[0].weight[2] = torch.nan
        net[2].weight[1, 3] = torch.inf
    x = torch.ones(16, 3)
    layers = plain_layers(net)
    steps = forward(layers, x)
    slope = gradient(layers, steps, torch.ones(16, 2))
    asked = x.clone().requires_grad_(True)
    logits = net(asked)
    (own,) = torch.autograd.grad(logits, asked, torch.ones(16, 2))
    np.testing.assert_array_equal(steps[-1].numpy(), logits.detach().numpy())
    np.testing.assert_array_equal(slope.numpy(), own.numpy())


def test_other_modules_are_asked_themselves() -> None:
    class Twice(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    linear, relu = nn.Linear(3, 3), nn.ReLU()
    for net in (
        linear,
        nn.Sequential(),
        nn.Sequential(linear, relu),
        nn.Sequential(linear, linear),
        nn.Sequential(relu, linear),
        nn.Sequential(linear, nn.Tanh(), linear),
        nn.Sequential(linear, nn.ReLU6(), linear),
        nn.Sequential(Twice(3, 3)),
        nn.Sequential(nn.Linear(3, 3, bias=False)),
        nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))),
    ):
        assert plain_layers(net) is None


def test_what_is_watched_is_asked_itself() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    assert plain_layers(net) is not None
    for part in (net, net[0], net[1]):
        hook = part.register_forward_hook(lambda module, given, found: None)
        assert plain_layers(net) is None
        hook.remove()
    assert plain_layers(net) is not None
    net[2].forward = net[0].forward
    assert plain_layers(net) is None
