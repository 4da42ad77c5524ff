"""The stacked trainer against torch's own autograd and Adam; GenLabel's loss as published."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from torch.nn import functional

from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.seeds import generator
from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.chain import layers_of
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked.adam import StackedAdam
from genlabel_robust.trainers.stacked.net import StackedNet
from genlabel_robust.trainers.torch_trainer import train


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


def small(name):
    architecture = ARCHITECTURES.load(name)
    return architecture.with_widths((8, 6)) if architecture.widths else architecture


# 10 rows of 4 features: what they add to an affine net is told by 5; 3 rows are used as they are
@pytest.mark.parametrize("n_rows", [10, 3])
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_gradients_are_those_of_autograd(name, n_rows):
    architecture, rng = small(name), np.random.default_rng(0)
    nets = [architecture.initialise(4, 3, generator(seed, "a")) for seed in range(3)]
    x = torch.tensor(rng.normal(size=(3, n_rows, 4)), dtype=torch.float32)
    target = torch.tensor(rng.dirichlet(np.ones(3), size=(3, n_rows)), dtype=torch.float32)
    weight = torch.tensor(rng.integers(0, 2, size=(3, n_rows)), dtype=torch.float32)
    stack = StackedNet(nets, architecture.relu, "cpu")
    stack.differentiate(x, target, weight)
    for index, net in enumerate(nets):
        module = architecture.module(net)
        losses = functional.cross_entropy(module(x[index]), target[index], reduction="none")
        ((losses * weight[index]).sum() / weight[index].sum()).backward()
        expected = [p.grad for p in module.parameters()]
        for w, b, found_w, found_b in zip(
            expected[::2], expected[1::2], stack.gradients[::2], stack.gradients[1::2], strict=True
        ):
            torch.testing.assert_close(found_w[index], w.T, rtol=1e-5, atol=1e-7)
            torch.testing.assert_close(found_b[index, 0], b, rtol=1e-5, atol=1e-7)


def test_adam_is_torchs_for_every_learning_rate():
    rng = np.random.default_rng(0)
    start = torch.tensor(rng.normal(size=(3, 4, 2)))
    rates = [0.1, 0.01, 0.0001]
    stacked = start.clone()
    ours = StackedAdam([stacked], rates, weight_decay=1e-2)
    theirs = [start[i].clone().requires_grad_(True) for i in range(3)]
    optimisers = [
        torch.optim.Adam([p], lr=rate, weight_decay=1e-2)
        for p, rate in zip(theirs, rates, strict=True)
    ]
    for _ in range(50):
        gradient = torch.tensor(rng.normal(size=(3, 4, 2)))
        for index, optimiser in enumerate(optimisers):
            theirs[index].grad = gradient[index].clone()
            optimiser.step()
        ours.step([gradient], np.ones(3, dtype=bool))
    torch.testing.assert_close(stacked, torch.stack(theirs).detach(), rtol=1e-12, atol=1e-12)


def test_an_inactive_model_keeps_parameters_moments_and_clock():
    rng = np.random.default_rng(0)
    start = torch.tensor(rng.normal(size=(2, 3, 2)))
    stacked, alone = start.clone(), start[1:].clone()
    both = StackedAdam([stacked], [0.1, 0.1], weight_decay=0.1)
    one = StackedAdam([alone], [0.1], weight_decay=0.1)
    for step in range(20):
        gradient = torch.tensor(rng.normal(size=(2, 3, 2)))
        active = np.array([True, step % 3 == 0])
        if active[1]:
            one.step([gradient[1:].clone()], active[1:])
        before = stacked[1].clone()
        both.step([gradient], active)
        assert active[1] or torch.equal(stacked[1], before)
    torch.testing.assert_close(stacked[1], alone[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0])
def test_genlabel_training_is_the_papers_two_term_loss_under_torchs_adam(name, gamma, iris):
    x, y = map(torch.tensor, iris)
    architecture, config = small(name), TrainConfig(epochs=8, batch_size=64, learning_rate=0.01)
    found = train(*iris, 3, architecture, "genlabel-gm", {"gamma": gamma}, config, seed=5)

    net = architecture.module(architecture.initialise(4, 3, generator(5, "initialisation", 0)))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-4)
    density, mixup = GaussianDensity().fit(x, y, 3), Mixup().fit(x, y, 3)
    rng = generator(5, "mixing", 0)
    for _ in range(8):
        for start in range(0, 150, 64):
            batch = mixup(x[start : start + 64], y[start : start + 64], rng)
            label = posterior(density.log_density(batch.x)).float()
            logits = net(batch.x)
            loss = gamma * functional.cross_entropy(logits, label)
            loss = loss + (1 - gamma) * functional.cross_entropy(logits, batch.target)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    for (w, b), (w2, b2) in zip(found.layers, layers_of(net), strict=True):
        np.testing.assert_allclose(w, w2, atol=2e-4)
        np.testing.assert_allclose(b, b2, atol=2e-4)
