from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.certify.affine import exact_distance
from genlabel_robust.certify.rounding import float32_distance, logit_rounding


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_float32_logits_are_off_by_less_than_is_said(size: float) -> None:
    rng = np.random.default_rng(0)
    weight, bias = size * rng.normal(size=(2, 30)), size * rng.normal(size=2)
    u = rng.uniform(size=(500, 30))
    with torch.no_grad():
        single = torch.nn.functional.linear(
            *(torch.from_numpy(a.astype(np.float32)) for a in (u, weight, bias))
        ).numpy()
    error = np.abs(single - (u @ weight.T + bias)).max(axis=1)
    said = logit_rounding(weight, bias, u)
    assert (error <= said).all()
    # a bound that allows everything would be of no use
    assert np.median(said / error) < 100


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_head_start_shortens_distances_and_only_a_little(norm) -> None:
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(3, 5)), rng.normal(size=3)
    u = rng.uniform(size=(50, 5))
    y = (u @ weight.T + bias).argmax(axis=1)
    box = np.zeros_like(u), np.ones_like(u)
    exact = exact_distance(weight, bias, u, y, *box, norm)
    least = float32_distance(weight, bias, u, y, *box, norm)
    finite = np.isfinite(exact)
    assert (least[finite] <= exact[finite]).all()
    assert np.allclose(least[finite], exact[finite], atol=1e-4)


def test_classes_with_equal_weights_can_swap_at_once() -> None:
    weight = np.array([[1.0, 2.0], [1.0, 2.0]])
    u, y = np.ones((1, 2)), np.array([0])
    box = np.zeros_like(u), 2 * np.ones_like(u)
    assert float32_distance(weight, np.zeros(2), u, y, *box, "l2")[0] == 0.0
