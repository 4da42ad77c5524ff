from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.scores import logit_margin, probable


def test_the_margin_is_the_true_score_less_the_best_other() -> None:
    scores = np.array([[3.0, 1.0, 2.5], [3.0, 1.0, 2.5], [0.0, 0.0, -1.0]])
    assert logit_margin(scores, np.array([0, 1, 0])).tolist() == [0.5, -2.0, 0.0]


def test_the_scores_are_left_as_they_were() -> None:
    scores = np.array([[3.0, 1.0]])
    logit_margin(scores, np.array([0]))
    assert scores.tolist() == [[3.0, 1.0]]


def test_one_class_has_no_margin() -> None:
    with pytest.raises(ConfigurationError, match="two classes"):
        logit_margin(np.ones((2, 1)), np.zeros(2, dtype=np.int64))


def test_probabilities_are_told_from_other_scores_row_by_row() -> None:
    scores = np.array([[0.25, 0.75], [1.0, 0.0], [0.25, 0.7], [1.5, -0.5], [0.5004, 0.5]])
    assert probable(scores).tolist() == [True, True, False, False, True]
