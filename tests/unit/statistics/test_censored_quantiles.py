from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.censored_quantiles import censored_summary
from genlabel_robust.statistics.quantiles import quantile_summary

INF = math.inf


def test_known_distances_have_the_quantiles_of_known_distances() -> None:
    distances = np.random.default_rng(0).exponential(size=(5, 40))
    found, known = censored_summary(distances, distances, (0.1,)), quantile_summary(distances)
    for name in ("median", "q05", "q25", "q75", "censored"):
        assert found[name] == known[name]  # type: ignore[literal-required]
    assert found["at_least"]["median"] == found["median"]
    assert found["known"] == 1.0
    one, other = found["median_interval"], known["median_interval"]
    assert (one["low"], one["high"]) == (other["low"], other["high"])


def test_open_examples_are_shared_out_as_the_decided_ones_are() -> None:
    """At 0.1 four are broken, five proved, and two open: of those 8/9 count as broken.

    So the median lies beyond 0.1, if not for sure.
    """
    low = np.array([[0.0] * 4 + [0.11] * 5 + [0.0] * 2])
    high = np.array([[0.01, 0.02, 0.03, 0.04] + [0.2] * 5 + [0.3, INF]])
    found = censored_summary(low, high, (0.1,))
    assert (found["at_least"]["median"], found["median"]) == (0.1, 0.2)
    assert found["median_bounds"] == {"low": 0.0, "high": 0.2}
    assert (found["at_least"]["q25"], found["q25"]) == (0.0, 0.03)
    assert found["censored"] == pytest.approx(1 / 11)
    assert found["known"] == 0.0


def test_an_attack_s_distance_is_no_time_at_which_it_was_looked() -> None:
    """Bounds that follow the truth would draw the estimator for intervals to the least of them."""
    rng = np.random.default_rng(0)
    true = rng.exponential(0.1 / math.log(2), (1, 400))
    low = np.where(true > 0.08002, 0.08002, 0.0)
    found = censored_summary(low, true * 1.02, (0.08,))
    assert found["at_least"]["median"] is not None
    assert found["median"] is not None
    assert found["at_least"]["median"] == pytest.approx(0.08, rel=1e-3)
    assert found["median"] == pytest.approx(np.median(true) * 1.02, rel=0.01)


def test_the_interval_holds_the_true_median_whatever_is_open() -> None:
    """500 samples of 60; 95 % at least are right, so that 458 or fewer happen once in 1,000.

    Open is what lies just beyond the time, which no estimator may assume.
    """
    rng = np.random.default_rng(0)
    right = 0
    for _ in range(500):
        true = rng.exponential(1 / math.log(2), (1, 60))
        low = np.where(true > 1.3, 0.9, 0.0)
        between = censored_summary(low, true * 1.01, (0.9,))["median_interval"]
        assert between["low"] is not None
        right += between["low"] <= 1.0 <= (between["high"] or INF)
    assert right > 458


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="low must not be above high"):
        censored_summary(np.array([[0.2]]), np.array([[0.1]]), (0.1,))


@given(
    arrays(
        np.float64,
        st.tuples(st.just(2), array_shapes(min_dims=2, max_dims=2, max_side=6)).map(
            lambda shape: (shape[0], *shape[1])
        ),
        elements=st.sampled_from([0.0, 0.1, 0.25, 1.0, INF]) | st.floats(0, 3),
    ),
    st.lists(st.floats(0.01, 3), max_size=3),
)
def test_quantiles_ascend_inside_of_what_is_sure(ends: np.ndarray, times: list[float]) -> None:
    low, high = ends.min(axis=0), ends.max(axis=0)
    found = censored_summary(low, high, times)
    json.dumps(found, allow_nan=False)
    sure = quantile_summary(low), quantile_summary(high)
    names = ("q05", "q25", "median", "q75")
    sides = [
        [INF if one[name] is None else one[name] for name in names]  # type: ignore[literal-required]
        for one in (sure[0], found["at_least"], found, sure[1])
    ]
    for chain in (*sides, *zip(*sides, strict=True)):
        assert list(chain) == sorted(chain)
