from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.margins.rounding import rounding_slack


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_float32_logits_err_by_less_than_the_slack_says(size: float) -> None:
    rng = np.random.default_rng(0)
    weight, bias = size * rng.normal(size=(2, 30)), size * rng.normal(size=2)
    weight, bias = (a.astype(np.float32).astype(np.float64) for a in (weight, bias))
    u = rng.uniform(size=(500, 30)).astype(np.float32).astype(np.float64)
    with torch.no_grad():
        single = torch.nn.functional.linear(
            *(torch.from_numpy(a.astype(np.float32)) for a in (u, weight, bias))
        ).numpy()
    error = np.abs((single[:, 0] - single[:, 1]) - (u @ weight.T + bias) @ np.array([1, -1]))
    slope = np.abs(weight[0] - weight[1]).sum()
    slack = rounding_slack(weight, bias, u, np.zeros(500, dtype=np.int64), "linf")
    assert (error / slope <= slack).all()
    # a bound that allows everything would be of no use
    assert slack.max() < 1e-4


def test_classes_with_equal_weights_have_no_bound() -> None:
    weight = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]])
    slack = rounding_slack(weight, np.zeros(3), np.ones((1, 2)), np.array([0]), "l2")
    assert np.isinf(slack).all()
