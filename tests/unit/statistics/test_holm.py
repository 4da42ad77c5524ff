from __future__ import annotations

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.holm import adjusted_by_holm, apply_holm


def test_each_p_value_meets_its_own_share_of_the_level() -> None:
    assert apply_holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]


def test_the_first_that_fails_stops_all_larger_ones() -> None:
    # 0.03 > 0.05/2 stops; 0.04 alone would have been below 0.05/1
    assert apply_holm([0.01, 0.03, 0.04]) == [True, False, False]


def test_one_hypothesis_is_not_corrected() -> None:
    assert apply_holm([0.05]) == [True]
    assert apply_holm([0.0501]) == [False]


def test_no_hypothesis_is_no_rejection() -> None:
    assert apply_holm([]) == []


def test_the_order_of_the_hypotheses_does_not_matter() -> None:
    assert apply_holm([0.2, 0.001, 0.02]) == [False, True, True]
    assert apply_holm([0.001, 0.02, 0.2]) == [True, True, False]


def test_equal_p_values_fall_or_stand_together() -> None:
    assert apply_holm([0.02, 0.02, 0.02]) == [False, False, False]
    assert apply_holm([0.016, 0.016, 0.016]) == [True, True, True]


@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(ConfigurationError, match=r"must lie in \[0, 1\]"):
        apply_holm([0.5, p])


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="level is 5"):
        apply_holm([0.5], 5)


def test_adjusted_p_values_are_those_of_the_textbook() -> None:
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert adjusted_by_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted_by_holm([0.5, 0.9]) == [1.0, 1.0]
    assert adjusted_by_holm([]) == []
