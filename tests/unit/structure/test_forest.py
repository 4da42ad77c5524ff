from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)

from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.structure.forest import forest_votes


@pytest.mark.parametrize("cls", [RandomForestClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize("leaf", [1, 7])
def test_votes_are_scikit_learns_to_the_last_bit(cls, leaf) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6)).astype(np.float32)
    y = rng.integers(0, 4, 200)
    weight = rng.uniform(0, 2, 200)
    # an even number of trees, so that ties occur
    forest = cls(n_estimators=20, min_samples_leaf=leaf, random_state=0).fit(x, y, weight)
    votes = forest_votes(forest)
    asked = np.concatenate([x, rng.normal(size=(3000, 6)).astype(np.float32), np.zeros((1, 6))])
    asked = asked.astype(np.float32)
    expected = forest.predict_proba(asked)
    assert np.array_equal(votes(asked), expected)
    for count in (1, 5, 8, 9, 60):
        assert np.array_equal(votes(asked[:count]), expected[:count])
    assert votes(asked[:0]).shape == (0, 4)


def test_points_on_a_threshold_go_the_same_way() -> None:
    x = np.array([[0.0], [0.1], [0.2], [0.3]], dtype=np.float32)
    forest = RandomForestClassifier(n_estimators=10, random_state=1).fit(x, [0, 1, 0, 1])
    thresholds = np.concatenate([tree.tree_.threshold for tree in forest.estimators_])
    asked = thresholds.astype(np.float32)[:, None]
    votes, expected = forest_votes(forest), forest.predict_proba(asked)
    assert np.array_equal(votes(asked), expected)
    assert np.array_equal([votes(asked[i : i + 1])[0] for i in range(len(asked))], expected)


def test_other_estimators_are_not_taken_for_forests() -> None:
    assert forest_votes(GradientBoostingClassifier()) is None


def test_a_model_decides_as_it_predicts() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 3)), rng.integers(1, 3, 100)
    forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(x, y)
    model = SklearnModel(forest, Scaling("range", np.zeros(3), np.ones(3)), 3)
    asked = rng.normal(size=(500, 3))
    assert np.array_equal(model.decide(asked), model.predict(asked))
