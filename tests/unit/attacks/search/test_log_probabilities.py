from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.search.log_probabilities import unflattened


def test_probabilities_become_logarithms_and_other_scores_stay() -> None:
    scores = np.array([[0.25, 0.75], [1.0, 0.0], [0.25, 0.7], [1.5, -0.5]])
    np.testing.assert_allclose(
        unflattened(scores),
        [[np.log(0.25), np.log(0.75)], [0.0, np.log(1e-30)], [0.25, 0.7], [1.5, -0.5]],
    )


def test_the_difference_of_two_logits_is_kept_where_the_softmax_is_flat() -> None:
    logits = np.array([[0.0, -40.0, -41.0], [0.0, -50.0, -60.0]])
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(unflattened(odds), logits, atol=1e-12)
