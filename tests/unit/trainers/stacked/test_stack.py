from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.seeds import generator
from genlabel_robust.models.nets.chain import LOGISTIC, MLP
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy
from genlabel_robust.strategies.vanilla import Vanilla
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked.stack import StackedFit, train_stack
from genlabel_robust.trainers.stacked.stream import Stream

NET = MLP.with_widths((16, 16))
RNG = np.random.default_rng(0)
X = torch.tensor(RNG.normal(size=(101, 5)), dtype=torch.float32)
Y = torch.tensor(RNG.integers(0, 3, size=101))


@dataclass(eq=False)
class DropsBatches(BatchStrategy):
    """Vanilla training that gives weight 0 to the batches numbered in ``dropped``."""

    dropped: tuple[int, ...] = ()
    turn: int = 0
    name: ClassVar[str] = "drops-batches"

    def _soften(self, x, y, rng):
        self.turn += 1
        weight = torch.full((len(x),), float(self.turn - 1 not in self.dropped))
        return SoftBatch(x, self._one_hot(x, y), weight)


def stream(strategy, n=101, seed=0):
    x, y = X[:n], Y[:n]
    fitted = strategy.fit(x, y, 3)
    return Stream(x, y, fitted, generator(seed, "mixing"), generator(seed, "order"))


def start(seed, architecture=NET):
    return architecture.initialise(5, 3, generator(seed, "initialisation"))


def close(one, other):
    # the promise: 1e-6 of each layer's largest weight, whatever the company
    for (w, b), (w2, b2) in zip(one, other, strict=True):
        np.testing.assert_allclose(w, w2, rtol=0, atol=1e-6 * np.abs(w).max())
        np.testing.assert_allclose(b, b2, rtol=0, atol=1e-6 * np.abs(b).max())


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("architecture", [NET, LOGISTIC], ids=lambda one: one.name)
def test_a_fit_does_not_depend_on_its_company(architecture, shuffle):
    config = TrainConfig(epochs=20, batch_size=32, shuffle=shuffle)

    def streams():
        # 101 and 100 rows, as folds differ; 101 leaves a last batch of 5
        return [
            stream(strategy, n, seed)
            for n, seed in ((101, 0), (100, 1))
            for strategy in (Mixup(), GenLabelGM())
        ]

    fits = [
        StackedFit(start(seed, architecture), rate, ((2 * fold, 1 - gamma), (2 * fold + 1, gamma)))
        for seed in range(2)
        for fold in range(2)
        for gamma in (0.2, 0.5)
        for rate in (0.1, 0.01, 0.001, 0.0001, 0.03)
    ]
    assert len(fits) == 40
    together = train_stack(fits, streams(), True, config)
    for index in (0, 7, 13, 26, 39):
        (alone,) = train_stack([fits[index]], streams(), True, config)
        close(alone, together[index])
    reversed_order = train_stack(fits[::-1], streams(), True, config)
    for one, other in zip(together, reversed_order[::-1], strict=True):
        close(one, other)


def test_logistic_regressions_on_different_points_are_trained_at_once_as_each_alone():
    # every source has its own points and its own dropped steps; one has 20 models more
    config = TrainConfig(epochs=6, batch_size=32)

    def streams():
        return [
            stream(Mixup(), seed=0),
            stream(Mixup(), seed=1),
            stream(DropsBatches(dropped=(1, 5, 6))),
            stream(DropsBatches(dropped=())),
        ]

    fits = [
        StackedFit(start(model, LOGISTIC), 0.03, ((source, 1.0),))
        for source in range(4)
        for model in range(3 if source else 20)
    ]
    together = train_stack(fits, streams(), False, config)
    for index in (0, 19, 20, 23, 25, 26, 28):
        (alone,) = train_stack([fits[index]], streams(), False, config)
        close(alone, together[index])


def test_the_targets_are_the_convex_combination_of_the_streams():
    config = TrainConfig(epochs=5, batch_size=32)
    parts = StackedFit(start(0), 0.01, ((0, 0.7), (1, 0.3)))
    (mixed,) = train_stack([parts], [stream(Mixup()), stream(GenLabelGM())], True, config)
    whole = StackedFit(start(0), 0.01, ((0, 1.0),))
    (inside,) = train_stack([whole], [stream(GenLabelGM(gamma=0.3))], True, config)
    for (w, b), (w2, b2) in zip(mixed, inside, strict=True):
        np.testing.assert_allclose(w, w2, atol=2e-5)
        np.testing.assert_allclose(b, b2, atol=2e-5)


def test_a_step_without_any_weight_is_no_step_for_that_model_only():
    config = TrainConfig(epochs=1, batch_size=32)
    fits = [StackedFit(start(0), 0.01, ((i, 1.0),)) for i in range(3)]
    streams = [
        stream(DropsBatches(dropped=(0, 1, 2, 3))),
        stream(DropsBatches(dropped=(3,))),
        stream(Vanilla()),
    ]
    untouched, three_steps, four_steps = train_stack(fits, streams, True, config)
    assert all(np.array_equal(w, w2) for (w, _), (w2, _) in zip(untouched, start(0), strict=True))
    (expected,) = train_stack([fits[0]], [stream(Vanilla(), n=96)], True, config)
    close(three_steps, expected)
    (expected,) = train_stack([fits[0]], [stream(Vanilla())], True, config)
    close(four_steps, expected)


def test_streams_that_disagree_are_refused():
    fit = StackedFit(start(0), 0.01, ((0, 0.5), (1, 0.5)))
    streams = [stream(Mixup(), seed=0), stream(Mixup(), seed=1)]
    with pytest.raises(GenlabelRobustError, match="equally seeded"):
        train_stack([fit], streams, True, TrainConfig(epochs=1))


def test_the_initial_layers_are_not_changed():
    layers = start(0)
    before = [(w.copy(), b.copy()) for w, b in layers]
    train_stack([StackedFit(layers, 0.1, ((0, 1.0),))], [stream(Mixup())], True, TrainConfig(1))
    for (w, b), (w2, b2) in zip(layers, before, strict=True):
        assert np.array_equal(w, w2)
        assert np.array_equal(b, b2)
