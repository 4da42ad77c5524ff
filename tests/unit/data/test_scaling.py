from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.scaling import SCALINGS, constant, fit_scaling


@pytest.fixture
def x() -> np.ndarray:
    rng = generator(0, "scaling")
    return np.column_stack([rng.normal(5, 2, 30), rng.uniform(-1e6, 1e6, 30), np.full(30, 0.1)])


def test_range_maps_the_training_part_onto_the_unit_interval(x: np.ndarray) -> None:
    train = x[:20]
    scaled = fit_scaling("range", train, x).apply(train)
    np.testing.assert_array_equal(scaled[:, :2].min(axis=0), 0)
    np.testing.assert_array_equal(scaled[:, :2].max(axis=0), 1)
    np.testing.assert_array_equal(scaled[:, 2], 0)
    assert scaled.dtype == np.float32


def test_standard_looks_at_the_training_part_only(x: np.ndarray) -> None:
    scaling = fit_scaling("standard", x[:20], x)
    np.testing.assert_allclose(scaling.offset, x[:20].mean(axis=0))
    np.testing.assert_allclose(scaling.scale[:2], x[:20, :2].std(axis=0))


def test_paper_is_the_standard_scaler_of_all_rows(x: np.ndarray) -> None:
    from sklearn.preprocessing import StandardScaler

    peer = StandardScaler().fit(x)
    scaling = fit_scaling("paper", x[:20], x)
    np.testing.assert_allclose(scaling.offset, peer.mean_, rtol=1e-12)
    np.testing.assert_allclose(scaling.scale, peer.scale_, rtol=1e-12)


@pytest.mark.parametrize("name", SCALINGS)
def test_a_constant_feature_has_scale_one(name: str, x: np.ndarray) -> None:
    # the standard deviation of thirty times 0.1 is 1.4e-17 in floats, not 0
    assert x[:, 2].std() > 0
    assert fit_scaling(name, x, x).scale[2] == 1.0
    assert constant(x).tolist() == [False, False, True]


def test_a_spread_that_underflows_gives_scale_one() -> None:
    x = np.array([[0.0], [1e-200]])
    assert fit_scaling("standard", x, x).scale[0] == 1.0


def test_an_unknown_scaling_names_the_nearest(x: np.ndarray) -> None:
    with pytest.raises(UnknownNameError, match="no scaling 'standart'; did you mean 'standard'"):
        fit_scaling("standart", x, x)
