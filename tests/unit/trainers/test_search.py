from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, TooFewExamplesError
from genlabel_robust.trainers.search import check_classes, first_best, folds


def test_folds_follow_the_order_of_the_data():
    parts = folds(np.arange(11) % 2, 2, 5)
    assert [held_out.tolist() for _, held_out in parts] == [
        [0, 1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
        [9, 10],
    ]
    for train, held_out in parts:
        assert sorted([*train, *held_out]) == list(range(11))


def test_a_fold_that_loses_a_class_is_refused_with_advice():
    with pytest.raises(
        TooFewExamplesError, match=r"class 0 has 0 examples in .*fold 1 of 2.*shuffled"
    ):
        folds(np.repeat([0, 1], 6), 2, 2)


def test_more_folds_than_rows_are_refused():
    with pytest.raises(ConfigurationError, match="folds is 5 but there are 4"):
        folds(np.array([0, 0, 1, 1]), 2, 5)


def test_a_lonely_class_is_refused():
    with pytest.raises(TooFewExamplesError, match="class 1 has 1 example in the training data"):
        check_classes(np.array([0, 0, 1]), 2)


def test_the_first_best_wins_and_nan_never_does():
    scores = [np.array(s) for s in ([0.5, 0.5], [np.nan, 1.0], [0.4, 0.8], [0.8, 0.4])]
    assert first_best(scores) == 2
    with pytest.raises(ConfigurationError, match="NaN"):
        first_best(scores[1:2])
