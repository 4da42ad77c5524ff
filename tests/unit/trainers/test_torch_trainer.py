from __future__ import annotations

import hashlib
import subprocess

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError, TooFewExamplesError
from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.torch_trainer import accuracy, train

NET = MLP.with_widths((8, 8))
CONFIG = TrainConfig(epochs=10, batch_size=32, folds=3, learning_rates=(0.1, 0.01), gammas=(0, 1))
STRATEGIES = ["vanilla", "mixup-exclude-mi", "genlabel-kde", "genlabel-gm-latent", "adamixup"]

DIGEST = """
import hashlib, sys
import numpy as np
from sklearn.datasets import load_iris
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.torch_trainer import train
x, y = load_iris(return_X_y=True)
order = np.random.default_rng(0).permutation(150)
x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order]
config = TrainConfig(epochs=10, batch_size=32, folds=3, learning_rates=(0.1, 0.01), gammas=(0, 1))
trained = train(x, y[order], 3, MLP.with_widths((8, 8)), "genlabel-cv", {}, config, 3)
digest = hashlib.sha256(b"".join(w.tobytes() + b.tobytes() for w, b in trained.layers))
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


def same(one, other):
    return all(
        np.array_equal(w, w2) and np.array_equal(b, b2)
        for (w, b), (w2, b2) in zip(one.layers, other.layers, strict=True)
    )


def test_another_process_and_other_threads_give_the_same_bytes(iris, quick_python):
    python = quick_python / "python"
    other = subprocess.run([python, "-c", DIGEST], capture_output=True, text=True)
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        trained = train(*iris, 3, NET, "genlabel-cv", {}, CONFIG, 3)
        assert torch.get_num_threads() == threads
        torch.set_num_threads(before)
        content = b"".join(w.tobytes() + b.tobytes() for w, b in trained.layers)
        assert hashlib.sha256(content).hexdigest() == other.stdout.strip()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_seed_decides(strategy, iris):
    first = train(*iris, 3, NET, strategy, {}, CONFIG, 0)
    assert same(first, train(*iris, 3, NET, strategy, {}, CONFIG, 0))
    assert not same(first, train(*iris, 3, NET, strategy, {}, CONFIG, 1))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_search_ends_in_the_plain_training_of_what_it_chose(strategy, iris):
    searched = train(*iris, 3, NET, strategy, {}, TrainConfig(**{**vars(CONFIG), "tune": True}))
    chosen = searched.chosen
    plain = TrainConfig(**{**vars(CONFIG), "learning_rate": chosen.learning_rate})
    settings = {} if chosen.gamma is None else {"gamma": chosen.gamma}
    assert same(searched, train(*iris, 3, NET, strategy, settings, plain))
    means = [values.mean() for _, values in searched.scores]
    assert searched.scores[int(np.argmax(means))][0] == chosen
    assert all(values.shape == (3,) for _, values in searched.scores)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_candidates_score_does_not_depend_on_the_order_in_which_they_are_tried(strategy, iris):
    x, y = iris
    wide = TrainConfig(**{**vars(CONFIG), "tune": True})
    narrow = TrainConfig(**{**vars(CONFIG), "tune": True, "learning_rates": (0.01, 0.1)})
    one = dict(train(x, y, 3, NET, strategy, {}, wide).scores)
    other = dict(train(x, y, 3, NET, strategy, {}, narrow).scores)
    assert one.keys() == other.keys()
    for candidate, values in one.items():
        np.testing.assert_array_equal(values, other[candidate])


def test_the_given_score_is_what_is_maximised(iris):
    seen = []

    def prefer_small_weights(module, x, y):
        seen.append((len(x), len(y), module.training))
        return -float(module[0].weight.detach().abs().max())

    wide = TrainConfig(**{**vars(CONFIG), "tune": True, "epochs": 30})
    trained = train(*iris, 3, LOGISTIC, "vanilla", {}, wide, score=prefer_small_weights)
    assert trained.chosen.learning_rate == 0.01
    assert seen == [(50, 50, False)] * 6


def test_without_a_search_the_architectures_learning_rate_is_used(iris):
    trained = train(*iris, 3, LOGISTIC, "mixup", {}, CONFIG)
    assert trained.chosen == Candidate(LOGISTIC.learning_rate, None, None)
    assert trained.scores == ()


def test_the_module_is_the_layers(iris):
    trained = train(*iris, 3, NET, "vanilla", {}, CONFIG)
    z = iris[0]
    for index, (weight, bias) in enumerate(trained.layers):
        z = z @ weight + bias
        z = np.maximum(z, 0) if index < 2 else z
    logits = trained.module(torch.tensor(iris[0])).detach().numpy()
    np.testing.assert_allclose(logits, z, atol=1e-5)
    assert accuracy(trained.module, *iris) == (z.argmax(axis=1) == iris[1]).mean()


@pytest.mark.parametrize("architecture", [NET, LINEAR3.with_widths((8, 8))])
def test_the_latent_strategy_freezes_the_plainly_trained_body(architecture, iris):
    config = TrainConfig(epochs=20, batch_size=32)
    warmed = train(*iris, 3, architecture, "vanilla", {}, TrainConfig(epochs=4, batch_size=32))
    latent = train(*iris, 3, architecture, "genlabel-gm-latent", {}, config)
    for (w, b), (w2, b2) in zip(warmed.layers[:-1], latent.layers[:-1], strict=True):
        assert np.array_equal(w, w2)
        assert np.array_equal(b, b2)
    assert not np.array_equal(warmed.layers[-1][0], latent.layers[-1][0])


def test_the_latent_strategy_needs_a_hidden_layer_and_two_epochs(iris):
    with pytest.raises(NotApplicableError, match="architecture 'logistic' has no hidden layer"):
        train(*iris, 3, LOGISTIC, "genlabel-kde-latent")
    with pytest.raises(ConfigurationError, match="epochs is 1, of which the warm-up takes 1"):
        train(*iris, 3, NET, "genlabel-kde-latent", {}, TrainConfig(epochs=1))


def test_adversarial_training_uses_the_step_it_is_given(iris):
    seen = []

    def step(net, x, y, rng):
        seen.append(len(x))
        return x + 0.1 * torch.from_numpy(rng.normal(size=x.shape)).float()

    first = train(*iris, 3, NET, "adversarial", {}, CONFIG, attack_step=step)
    assert seen == [32, 32, 32, 32, 22] * 10
    assert same(first, train(*iris, 3, NET, "adversarial", {}, CONFIG, attack_step=step))
    identity = train(*iris, 3, NET, "adversarial", {}, CONFIG, attack_step=lambda n, x, y, r: x)
    vanilla = train(*iris, 3, NET, "vanilla", {}, CONFIG)
    for (w, _), (w2, _) in zip(identity.layers, vanilla.layers, strict=True):
        np.testing.assert_allclose(w, w2, atol=1e-4)
    with pytest.raises(ConfigurationError, match="attack_step="):
        train(*iris, 3, NET, "adversarial", {}, CONFIG)


def test_a_lonely_class_is_refused(iris):
    x, y = iris
    keep = np.r_[np.flatnonzero(y != 2), np.flatnonzero(y == 2)[:1]]
    with pytest.raises(TooFewExamplesError, match="class 2 has 1 example in the training data"):
        train(x[keep], y[keep], 3, NET, "vanilla")


def test_what_is_given_is_not_changed_and_may_be_read_only(iris):
    x, y = (array.copy() for array in iris)
    x.flags.writeable = y.flags.writeable = False
    train(x, y, 3, LOGISTIC, "genlabel-nn", {}, CONFIG)
    assert np.array_equal(x, iris[0])
