from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.notices.class_order import better_order, classes_in_another_order

RNG = np.random.default_rng(0)


def _answers(k: int, n: int, right: float, order: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, and predictions of a model whose class j is the label ``order[j]``."""
    y = RNG.integers(0, k, n)
    said = np.where(RNG.random(n) < right, y, RNG.integers(0, k, n))
    position = np.argsort(order)
    return y, position[said]


@pytest.mark.parametrize("order", [[1, 0], [2, 0, 1], [0, 2, 1], [3, 1, 2, 0, 4]])
def test_the_order_of_the_model_is_found(order: list[int]) -> None:
    found = better_order(*_answers(len(order), 200, 0.9, order), len(order))
    assert found is not None
    assert list(found.order) == order
    assert found.best > 0.85
    assert found.assumed < found.best - 0.3


@pytest.mark.parametrize("k", [2, 3, 10])
@pytest.mark.parametrize("right", [0.0, 0.3, 0.9, 1.0])
def test_a_model_in_the_right_order_is_left_alone(k: int, right: float) -> None:
    for _ in range(100):
        assert better_order(*_answers(k, 60, right, list(range(k))), k) is None


def test_a_model_of_one_answer_agrees_with_no_order() -> None:
    y = np.repeat([0, 1], [80, 20])
    assert better_order(y, np.ones(100, dtype=np.int64), 2) is None


def test_classes_without_rows_stay_where_they_are() -> None:
    y = np.repeat([0, 1], 50)
    found = better_order(y, 1 - y, 4)
    assert found is not None
    assert found.order == (1, 0, 2, 3)


def test_the_concern_names_the_order_and_both_accuracies() -> None:
    y = np.repeat([0, 1], 50)
    (concern,) = classes_in_another_order(y, 1 - y, ["bad", "good"], stated=False)
    assert (
        "taken to be of 'bad', 'good', in this order, it is right on 0.0 % of 100 untouched rows; "
        "with 'good', 'bad' it would be right on 100.0 %. If that is the model's order, give "
        "--class good --class bad (in Python: classes=['good', 'bad'])"
    ) in concern.text
    assert concern.as_dict()["classes"] == ["good", "bad"]
    assert classes_in_another_order(y, y, ["bad", "good"], stated=True) == []
