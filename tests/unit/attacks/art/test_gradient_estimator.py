from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.art.gradient_estimator import GradientEstimator
from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.targets.losses import cross_entropy, margin
from genlabel_robust.targets.visited import Visited, lowest_margin


def estimator_of(target, rows, loss=margin) -> GradientEstimator:
    return GradientEstimator(Visited(target, lowest_margin(target)), loss, np.asarray(rows))


def test_a_batch_that_was_split_is_refused(make_target) -> None:
    """Row i of every call is a variant of example i: half a batch would be misread."""
    target = make_target(n=8)
    with pytest.raises(GenlabelRobustError, match="split its batch"):
        estimator_of(target, range(8)).predict(target.x[:4].astype(np.float32))


def test_lines_are_variants_of_the_rows_that_were_chosen(make_target) -> None:
    target = make_target(n=8, widths=(8,))
    chosen = np.array([5, 2])
    estimator = estimator_of(target, chosen)
    points = np.full((2, target.n_features), 0.01, dtype=np.float32)
    scores = target.model.scores(target.raw[chosen] + points.astype(np.float64))
    np.testing.assert_allclose(estimator.predict(points), scores, rtol=1e-6)
    assert np.isfinite(estimator.visited.rank).nonzero()[0].tolist() == [2, 5]
    low, high = estimator.clip_values
    assert (low == target.box[0][chosen].astype(np.float32)).all()
    assert (high == target.box[1][chosen].astype(np.float32)).all()


def test_gradients_keep_their_direction_however_small(make_target) -> None:
    target = make_target(n=6, scale=1e-30)
    estimator = estimator_of(target, range(6), cross_entropy)
    gradient = estimator.loss_gradient(target.x.astype(np.float32), None)
    assert np.abs(gradient).max(axis=1) == pytest.approx(1.0)


def test_an_attack_must_not_train_the_model(make_target) -> None:
    target = make_target(n=2)
    with pytest.raises(GenlabelRobustError, match="must not train"):
        estimator_of(target, range(2)).fit(target.x, target.y)
