from __future__ import annotations

import torch

from genlabel_robust.densities.density import posterior

INF, NAN = float("inf"), float("nan")


def test_posterior_of_silent_rows_is_the_priors():
    found = posterior(torch.tensor([[-INF, -INF], [NAN, NAN], [NAN, -INF]]))
    assert found.tolist() == [[0.5, 0.5]] * 3


def test_posterior_gives_nothing_to_a_class_without_density():
    found = posterior(torch.tensor([[0.0, -INF, 0.0], [NAN, -2000.0, -INF]]))
    assert found.tolist() == [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]


def test_posterior_does_not_change_its_argument():
    log_density = torch.tensor([[NAN, -INF]])
    posterior(log_density)
    assert log_density.isnan().tolist() == [[True, False]]
