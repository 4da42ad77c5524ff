from __future__ import annotations

import numpy as np

from genlabel_robust.targets.between_levels import between_levels

GROUP = np.array([1, 2, 3])


def shaped(slope: list[float], here: int, may: list[bool] | None = None) -> list[float]:
    shown = np.zeros((1, 4))
    shown[0, 1 + here] = 1
    mark = np.array([[True, *(may or [True] * 3)]])
    return between_levels(np.array([[5.0, *slope]]), [GROUP], shown, mark)[0].tolist()


def test_the_best_switch_goes_up_and_the_own_level_down_by_half_the_difference() -> None:
    assert shaped([-2.0, -0.5, -1.0], here=0) == [5.0, -0.75, 0.75, 0.0]


def test_a_constant_of_the_group_changes_nothing() -> None:
    assert shaped([-2.0, -0.5, -1.0], here=0) == shaped([8.0, 9.5, 9.0], here=0)


def test_the_best_level_is_kept() -> None:
    assert shaped([3.0, 1.0, 2.0], here=0) == [5.0, 0.5, -0.5, -0.5]


def test_a_level_that_cannot_be_taken_on_is_none_to_switch_to() -> None:
    assert shaped([0.0, 9.0, 2.0], here=0, may=[True, False, True]) == [5.0, -1.0, 0.0, 1.0]
    assert shaped([0.0, 9.0, 2.0], here=0, may=[True, False, False])[1:] == [0.0, 0.0, 0.0]


def test_single_features_and_the_argument_stay_as_they_are() -> None:
    gradient, shown = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]])
    may = np.ones((1, 2), dtype=bool)
    assert between_levels(gradient, [np.array([1])], shown, may).tolist() == [[1.0, 2.0]]
    between_levels(gradient, [np.array([0, 1])], shown, may)
    assert gradient.tolist() == [[1.0, 2.0]]
