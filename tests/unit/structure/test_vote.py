from __future__ import annotations

import numpy as np

from genlabel_robust.structure import FLOAT64, Affine, Member, TreeEnsemble, Vote

SUMS = Affine(np.array([[0.0], [1.0], [-1.0]]), np.array([0.0, 0.5, 0.0]), FLOAT64)
STUMP = TreeEnsemble(
    roots=np.array([0]),
    feature=np.array([0, -1, -1]),
    threshold=np.array([0.5, 0.0, 0.0]),
    left=np.array([1, 1, 2]),
    right=np.array([2, 1, 2]),
    value=np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5]]),
    base=np.zeros(3),
    rounding=0.0,
)
VOTE = Vote((Member(SUMS, 2.0, 0.25), Member(STUMP, None, 0.75)))


def test_a_vote_is_the_weighted_mean_of_probabilities() -> None:
    raw = np.array([[0.0], [1.0]])

    powers = np.exp(2 * np.array([[0, 0.5, 0], [0, 1.5, -1]]))
    shares = powers / powers.sum(axis=1, keepdims=True)
    expected = 0.25 * shares + 0.75 * np.array([[1, 0, 0], [0.2, 0.3, 0.5]])
    np.testing.assert_allclose(VOTE.scores(raw), expected, rtol=1e-14)


def test_large_scores_do_not_overflow() -> None:
    np.testing.assert_allclose(VOTE.scores(np.array([[1e6]])), [[0.15, 0.475, 0.375]])


def test_classes_can_be_put_into_another_order() -> None:
    raw, order = np.array([[0.3], [2.0]]), np.array([2, 0, 1])

    np.testing.assert_allclose(VOTE.of_classes(order).scores(raw), VOTE.scores(raw)[:, order])


def test_what_is_rounded_in_float32_counts_as_that() -> None:
    single = Vote((Member(SUMS, 1.0, 1.0, unit=2.0**-24),))
    double = Vote((Member(SUMS, 1.0, 1.0),))

    assert 1e-6 < single.blur < 1e-4
    assert 1e-15 < double.blur < 1e-13
