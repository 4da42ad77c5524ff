from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.strategies.adamixup import AdaMixup, AdaMixupFixedPolicy
from genlabel_robust.strategies.adversarial import Adversarial

X = torch.tensor(np.random.default_rng(0).normal(size=(10, 3)), dtype=torch.float32)
Y = torch.arange(10) % 2


def test_the_loss_is_the_sum_of_its_seven_terms_row_by_row():
    net = nn.Linear(3, 2)
    strategy = AdaMixup(seed=4).fit(X, Y, 2)
    found = strategy.loss(net, X, Y, np.random.default_rng(9))

    rng = np.random.default_rng(9)
    partner, third, e = rng.permutation(10), rng.permutation(10), rng.uniform(size=10)
    policy, discriminator = strategy._policy, strategy._discriminator

    def entropy(logits, label):
        return torch.logsumexp(logits, 0) - logits[label]

    total = torch.zeros(())
    for i in range(10):
        j, k = partner[i], third[i]
        a, d, _ = torch.softmax(policy(torch.cat([X[i], X[j]])), 0)
        ratio = a + e[i] * d
        mixed = ratio * X[i] + (1 - ratio) * X[j]
        total = total + ratio * entropy(net(mixed), Y[i]) + (1 - ratio) * entropy(net(mixed), Y[j])
        total = total + entropy(net(X[i]), Y[i]) + entropy(net(X[j]), Y[j])
        total = total + entropy(discriminator(mixed), 0)
        for row in (i, j, k):
            total = total + entropy(discriminator(X[row]), 1)
    torch.testing.assert_close(found, (total / 10).to(torch.float32))


def test_the_loss_reaches_model_policy_and_discriminator():
    net = nn.Linear(3, 2)
    strategy = AdaMixup().fit(X, Y, 2)
    strategy.loss(net, X, Y, np.random.default_rng(0)).backward()
    parameters = [*net.parameters(), *strategy.parameters()]
    assert len(parameters) == 2 + 6 + 2
    assert all(float(p.grad.abs().sum()) > 0 for p in parameters)


def test_a_fixed_policy_is_that_of_adamixup_and_no_parameter_of_it_is_trained():
    fixed, trained = (kind(seed=4).fit(X, Y, 2) for kind in (AdaMixupFixedPolicy, AdaMixup))
    assert fixed.parameters() == []
    assert len(trained.parameters()) == 8
    for one, other in zip(fixed.own_parameters(), trained.parameters(), strict=True):
        assert torch.equal(one, other)
    net = nn.Linear(3, 2)
    losses = [one.loss(net, X, Y, np.random.default_rng(9)) for one in (fixed, trained)]
    assert torch.equal(*losses)


def test_what_a_fixed_policy_trains_a_model_by_is_mixed_points_and_originals():
    """The discriminator's terms of the loss have no slope in the model."""
    net = nn.Linear(3, 2)
    strategy = AdaMixupFixedPolicy(seed=4).fit(X, Y, 2)
    strategy.loss(net, X, Y, np.random.default_rng(9)).backward()
    rng = np.random.default_rng(9)
    partner, _, e = rng.permutation(10), rng.permutation(10), torch.tensor(rng.uniform(size=10))
    with torch.no_grad():
        ratio = strategy.ratio(X, X[partner], e.float())
    entropy, one_hot = nn.functional.cross_entropy, nn.functional.one_hot(Y).float()
    expected = nn.Linear(3, 2)
    expected.load_state_dict(net.state_dict())
    mixed, label = (ratio * a + (1 - ratio) * a[partner] for a in (X, one_hot))
    (entropy(expected(mixed), label) + 2 * entropy(expected(X), Y)).backward()
    torch.testing.assert_close(net.weight.grad, expected.weight.grad)
    torch.testing.assert_close(net.bias.grad, expected.bias.grad)


def test_the_policy_has_no_activation_between_its_layers():
    layers = list(AdaMixup().fit(X, Y, 2)._policy)
    assert [(layer.in_features, layer.out_features) for layer in layers] == [
        (6, 100),
        (100, 100),
        (100, 3),
    ]


def test_adversarial_training_is_cross_entropy_on_the_attacked_points():
    net = nn.Linear(3, 2)
    strategy = Adversarial(attack_step=lambda net, x, y, rng: x + 1).fit(X, Y, 2)
    found = strategy.loss(net, X, Y, np.random.default_rng(0))
    torch.testing.assert_close(found, nn.functional.cross_entropy(net(X + 1), Y))


def test_adversarial_training_without_an_attack_or_with_a_misshapen_one_is_refused():
    net, rng = nn.Linear(3, 2), np.random.default_rng(0)
    with pytest.raises(ConfigurationError, match="attack_step="):
        Adversarial().fit(X, Y, 2).loss(net, X, Y, rng)
    misshapen = Adversarial(attack_step=lambda net, x, y, rng: x[:3]).fit(X, Y, 2)
    with pytest.raises(ConfigurationError, match="keep the shape"):
        misshapen.loss(net, X, Y, rng)
