from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import DataError
from genlabel_robust.densities.gaussian import GaussianDensity


def test_constant_features_still_invert():
    x, y = np.ones((6, 3)), np.repeat([0, 1], 3)
    x[3:] = 2.0
    assert np.isfinite(GaussianDensity().fit(x, y, 2).log_density(x).numpy()).all()


def test_features_too_large_for_the_ridge_are_refused_with_advice():
    x = np.array([[1e12, 1e12], [-1e12, -1e12], [1e12, 1e12], [-1e12, -1e12]])
    with pytest.raises(DataError, match=r"class 0 .*scale the features"):
        GaussianDensity().fit(x, np.array([0, 0, 1, 1]), 2)
