from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import NotApplicableError, TooFewExamplesError
from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
from genlabel_robust.strategies.genlabel_latent import GenLabelGMLatent
from genlabel_robust.strategies.mixup import Mixup

RNG = np.random.default_rng(0)
X = torch.tensor(RNG.normal(size=(30, 2)) + np.repeat([[0], [2], [4]], 10, axis=0))
Y = torch.arange(3).repeat_interleave(10)


def rng():
    return np.random.default_rng(1)


def test_the_target_is_the_convex_combination_of_posterior_and_mixup():
    mixup = Mixup().fit(X, Y, 3)(X, Y, rng())
    label = posterior(GaussianDensity().fit(X, Y, 3).log_density(mixup.x))
    for gamma in (0.0, 0.3, 1.0):
        batch = GenLabelGM(gamma=gamma).fit(X, Y, 3)(X, Y, rng())
        torch.testing.assert_close(batch.target, gamma * label + (1 - gamma) * mixup.target)


def test_gamma_zero_is_mixup_to_the_last_bit_and_needs_no_density():
    mixup = Mixup(alpha=0.4).fit(X, Y, 3)(X, Y, rng())
    batch = GenLabelKDE(alpha=0.4, gamma=0.0).fit(X, Y, 3)(X, Y, rng())
    assert torch.equal(batch.target, mixup.target)
    assert torch.equal(batch.x, mixup.x)
    lonely = torch.where(Y == 2, 1, Y)
    lonely[-1] = 2
    GenLabelGM(gamma=0.0).fit(X, lonely, 3)
    with pytest.raises(TooFewExamplesError, match="class 2 has 1"):
        GenLabelGM(gamma=0.1).fit(X, lonely, 3)


def test_the_latent_strategy_mixes_inputs_and_labels_their_features():
    body = torch.nn.Sequential(torch.nn.Linear(2, 5, dtype=torch.float64), torch.nn.ReLU())
    mixed = Mixup().fit(X, Y, 3)(X, Y, rng()).x
    features, mixed_features = body(X).detach(), body(mixed).detach()
    label = posterior(GaussianDensity().fit(features, Y, 3).log_density(mixed_features))
    batch = GenLabelGMLatent(body=body).fit(X, Y, 3)(X, Y, rng())
    torch.testing.assert_close(batch.x, mixed_features)
    torch.testing.assert_close(batch.target, label)
    assert not batch.x.requires_grad


def test_the_latent_strategy_without_a_body_is_refused():
    with pytest.raises(NotApplicableError, match="body="):
        GenLabelGMLatent().fit(X, Y, 3)
