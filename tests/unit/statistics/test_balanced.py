from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.balanced import balanced_rate
from genlabel_robust.statistics.rates import rate


def test_each_class_counts_the_same() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    correct = np.concatenate([np.ones(90, dtype=bool), np.arange(10) < 5])[None, :]
    estimate = balanced_rate(correct, labels, 2)
    assert estimate.value == pytest.approx(0.75)
    assert estimate.n == 100
    assert estimate.method == "mover of wilson"


def test_the_interval_recovers_each_class_s_own() -> None:
    labels = np.array([0] * 40 + [1] * 20)
    correct = (np.arange(60) % 4 > 0)[None, :]
    correct[0, 40:50] = False
    first, second = rate(correct[:, :40]), rate(correct[:, 40:])
    estimate = balanced_rate(correct, labels, 2)
    below = np.hypot(first.value - first.low, second.value - second.low) / 2
    above = np.hypot(first.high - first.value, second.high - second.value) / 2
    assert estimate.low == pytest.approx(estimate.value - below)
    assert estimate.high == pytest.approx(estimate.value + above)


@pytest.mark.parametrize("n_seeds", [1, 5])
def test_a_single_class_has_the_plain_interval(n_seeds: int) -> None:
    correct = np.random.default_rng(0).random((n_seeds, 30)) < 0.8
    balanced, plain = balanced_rate(correct, np.zeros(30, dtype=np.int64), 1), rate(correct)
    assert (balanced.low, balanced.high) == pytest.approx((plain.low, plain.high))


def test_a_class_without_test_rows_is_left_out_and_named() -> None:
    labels = np.array([0, 0, 2, 2])
    estimate = balanced_rate(np.array([[True, True, True, False]]), labels, 4)
    assert estimate.value == pytest.approx(0.75)
    assert estimate.method == "mover of wilson; 2 of 4 classes without test rows left out"


def test_seeds_that_move_all_classes_together_widen_the_interval() -> None:
    labels = np.repeat([0, 1], 100)
    up, down = np.arange(200) % 100 < 95, np.arange(200) % 100 < 65
    together = np.stack([up, up, down, down])
    cross = np.where(labels == 0, up, down)
    opposed = np.stack(
        [cross, cross, np.where(labels == 1, up, down), np.where(labels == 1, up, down)]
    )
    wide, narrow = balanced_rate(together, labels, 2), balanced_rate(opposed, labels, 2)
    assert wide.value == pytest.approx(narrow.value)
    assert wide.high - wide.low > narrow.high - narrow.low


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 1], [0, -1, 1]])
def test_labels_that_do_not_fit_are_refused(labels: list[int]) -> None:
    with pytest.raises(ConfigurationError, match=r"must be \(3,\), in 0 … 1"):
        balanced_rate(np.ones((1, 3), dtype=bool), np.array(labels), 2)
