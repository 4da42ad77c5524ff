from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.strategies.mixing import Pairing, pair
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.mixup_exclude_mi import MixupExcludeMI


def test_the_ratio_is_drawn_first_and_then_the_partners():
    rng = np.random.default_rng(7)
    ratio, partner = rng.beta(0.5, 0.5), rng.permutation(6)
    found = pair(torch.zeros(6, 2), 0.5, np.random.default_rng(7))
    assert found.ratio == ratio
    assert found.partner.tolist() == partner.tolist()


def test_mixing_is_the_convex_combination():
    found = Pairing(0.25, torch.tensor([1, 0])).mix(torch.tensor([[0.0], [8.0]]))
    assert found.tolist() == [[6.0], [2.0]]


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_ratio_has_the_moments_of_its_beta(alpha):
    rng = np.random.default_rng(0)
    ratios = np.array([pair(torch.zeros(1, 1), alpha, rng).ratio for _ in range(4000)])
    # 5 standard errors: a false alarm in less than 1 of 10⁶ runs
    variance = 1 / (4 * (2 * alpha + 1))
    assert abs(ratios.mean() - 0.5) < 5 * np.sqrt(variance / 4000)
    assert ratios.var() == pytest.approx(variance, rel=0.15)


def test_intrusion_on_the_toy_line_is_dropped():
    # the toy: -1, 0, +1 with labels 1, 0, 1, and a third class: mixing 1 and 2 across 0
    x = torch.tensor([[-1.0], [0.0], [1.0], [0.01], [-1.01], [1.01]])
    y = torch.tensor([1, 0, 2, 0, 1, 2])
    strategy = MixupExcludeMI().fit(x, y, 3)
    dropped = 0
    for seed in range(20):
        batch = strategy(x, y, np.random.default_rng(seed))
        mixed = Mixup().fit(x, y, 3)(x, y, np.random.default_rng(seed))
        nearest = y[(batch.x - x.T).abs().argmin(dim=1)]
        parents = mixed.target > 0
        assert torch.equal(batch.weight, parents[torch.arange(6), nearest].float())
        dropped += int((batch.weight == 0).sum())
    assert dropped > 0
