from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.densities import kde


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_bandwidth_is_refused(bandwidth):
    with pytest.raises(ConfigurationError, match="above 0"):
        kde.KernelDensity(bandwidth=bandwidth)


def test_blocks_do_not_change_the_answer(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), np.repeat([0, 1], 20)
    density = kde.KernelDensity().fit(x, y, 2)
    whole = density.log_density(x)
    monkeypatch.setattr(kde, "BLOCK", 45)
    torch.testing.assert_close(density.log_density(x), whole, rtol=1e-12, atol=1e-12)


def test_density_does_not_depend_on_where_the_origin_is():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), np.repeat([0, 1], 20)
    near = kde.KernelDensity().fit(x, y, 2).log_density(x)
    far = kde.KernelDensity().fit(x + 1e6, y, 2).log_density(x + 1e6)
    torch.testing.assert_close(near, far, rtol=1e-6, atol=1e-6)
