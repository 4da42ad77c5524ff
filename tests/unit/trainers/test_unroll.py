from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import DataError
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.mixup_exclude_mi import MixupExcludeMI
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy
from genlabel_robust.trainers.unroll import SMALLEST_SHARE, unroll

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 2)).astype(np.float32)
Y = np.repeat([0, 1], 10)


@dataclass(eq=False)
class Fixed(BatchStrategy):
    """Every row gets the same target, and weight 2."""

    target: tuple[float, ...] = ()
    name: ClassVar[str] = "fixed"

    def _soften(self, x, y, rng):
        target = torch.tensor(self.target).expand(len(x), -1)
        return SoftBatch(x, target, torch.full((len(x),), 2.0))


def test_a_row_comes_once_per_class_with_its_share_as_weight():
    strategy = Fixed(target=(0.25, 0.0, 0.75)).fit(X, Y, 3)
    soft = unroll(X, Y, 3, strategy, 1, 8, np.random.default_rng(0))
    assert len(soft.x) == len(soft.y) == len(soft.weight) == 40
    assert sorted(set(zip(soft.y.tolist(), soft.weight.tolist(), strict=True))) == [
        (0, 0.5),
        (2, 1.5),
    ]
    rows, counts = np.unique(soft.x, axis=0, return_counts=True)
    assert np.array_equal(rows, np.unique(X, axis=0))
    assert set(counts) == {2}


def test_the_weighted_mean_label_is_that_of_the_soft_labels():
    strategy = Mixup().fit(X, Y, 2)
    soft = unroll(X, Y, 2, strategy, 3, 8, np.random.default_rng(0))
    assert soft.weight.sum() == pytest.approx(3 * 20, rel=1e-5)
    # mixing permutes the rows of a batch, so that each class keeps its total weight
    assert soft.weight[soft.y == 1].sum() == pytest.approx(3 * 10, rel=1e-5)
    assert (soft.weight > SMALLEST_SHARE).all()


def test_dropped_rows_are_left_out():
    x = np.array([[-1.0], [0.0], [1.0]] * 4, dtype=np.float32)
    y = np.array([0, 1, 2] * 4)
    strategy = MixupExcludeMI().fit(x, y, 3)
    soft = unroll(x, y, 3, strategy, 20, 12, np.random.default_rng(0))
    assert soft.weight.sum() < 20 * 12 - 1


def test_each_copy_draws_fresh_ratios_and_orders():
    strategy = Mixup().fit(X, Y, 2)
    soft = unroll(X, Y, 2, strategy, 10, 8, np.random.default_rng(0))
    # 10 copies of 3 batches: 30 ratios, each a pair of weights {λ, 1-λ} where classes differ
    ratios = {round(min(w, 1 - w), 5) for w in soft.weight.tolist() if w < 0.999}
    assert len(ratios) > 20


def test_one_class_left_is_refused_and_a_missing_one_among_more_is_not():
    with pytest.raises(DataError, match="left weight on 1 of 3 classes"):
        unroll(X, Y, 3, Fixed(target=(1.0, 0.0, 0.0)).fit(X, Y, 3), 1, 8, np.random.default_rng(0))
    some = Fixed(target=(0.5, 0.5, 0.0)).fit(X, Y, 3)
    assert set(unroll(X, Y, 3, some, 1, 8, np.random.default_rng(0)).y) == {0, 1}
