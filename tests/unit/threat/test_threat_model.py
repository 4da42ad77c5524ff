from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel, distance, within


def test_budgets_are_sorted_and_counted_once() -> None:
    assert ThreatModel("linf", (0.3, 0.1, 0.3)).eps == (0.1, 0.3)


@pytest.mark.parametrize("eps", [0.0, -0.1, float("nan"), float("inf")])
def test_a_budget_that_is_no_positive_number_is_refused(eps: float) -> None:
    with pytest.raises(ConfigurationError, match=r"it must be a number above 0"):
        ThreatModel("linf", (0.1, eps))


def test_no_budget_at_all_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no ε is given"):
        ThreatModel("l2", ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"norm": "linff"}, "there is no norm 'linff'; did you mean 'linf'"),
        (
            {"norm": "linf", "unit": "ranges"},
            "there is no unit of ε 'ranges'; did you mean 'range'",
        ),
    ],
)
def test_an_unknown_norm_or_unit_names_the_nearest(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        ThreatModel(eps=(0.1,), **settings)


def test_distances_are_those_of_the_norms() -> None:
    delta = np.array([[3.0, -4.0], [0.0, 0.0]])
    np.testing.assert_array_equal(distance(delta, "linf"), [4.0, 0.0])
    np.testing.assert_array_equal(distance(delta, "l2"), [5.0, 0.0])
    np.testing.assert_array_equal(distance(delta, "l1"), [7.0, 0.0])


def test_a_threat_is_written_down_with_its_constraints_if_it_has_any() -> None:
    plain = {"norm": "l1", "eps": [0.1], "unit": "raw"}
    assert ThreatModel("l1", (0.1,), "raw").as_dict() == plain
    limited = ThreatModel("l1", (0.1,), "raw", Constraints(integer=("age",)))
    assert limited.as_dict() == plain | {"constraints": {"integer": ["age"]}}


def test_within_allows_the_stated_tolerance_and_no_more() -> None:
    lengths = 0.1 * np.array([1.0, 1 + 0.9 * TOLERANCE, 1 + 1.1 * TOLERANCE])
    assert within(lengths, 0.1).tolist() == [True, True, False]
