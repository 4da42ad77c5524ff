from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.columns.feature_kinds import one_hot_groups, whole_numbers

THREE = np.eye(3)[np.arange(12) % 3]
FLAG = (np.arange(12) % 5 == 0).astype(float)[:, None]


def test_whole_numbers_are_told_from_others() -> None:
    x = np.array([[1.0, 0.5, -3.0], [2.0, 1.0, 1e15]])
    assert whole_numbers(x).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("x", "names", "groups"),
    [
        (np.hstack([FLAG, THREE]), ("f", "a", "b", "c"), [[1, 2, 3]]),
        (np.hstack([THREE, 1 - FLAG, FLAG]), ("a", "b", "c", "d", "e"), [[0, 1, 2], [3, 4]]),
        # told apart by what their names begin with, wherever they stand
        (
            np.hstack([THREE[:, :1], FLAG, THREE[:, 1:]]),
            ("to_x", "flag", "to_y", "to_z"),
            [[0, 2, 3]],
        ),
        (np.hstack([THREE[:, :2], FLAG]), ("a", "b", "c"), []),
        (THREE * 2, ("a", "b", "c"), []),
        (np.hstack([np.ones((12, 1)), 0 * FLAG]), ("a", "b"), []),
        (FLAG, ("a",), []),
        (
            np.hstack([THREE[:, :1], np.linspace(0, 1, 12)[:, None], THREE[:, 1:]]),
            ("a", "b", "c", "d"),
            [],
        ),
    ],
)
def test_groups_of_columns_with_exactly_one_1_are_found(
    x: np.ndarray, names: tuple[str, ...], groups: list[list[int]]
) -> None:
    assert one_hot_groups(x, names) == groups
