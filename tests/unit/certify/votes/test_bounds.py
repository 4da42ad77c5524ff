from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.votes.bounds import least_lead, needed
from genlabel_robust.structure import FLOAT64, Affine, Member, Vote


def member(k: int, slope: float | None = 1.0) -> Member:
    return Member(Affine(np.zeros((k, 1)), np.zeros(k), FLOAT64), slope, 1.0)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_no_scores_between_the_bounds_lead_by_less(k: int) -> None:
    """Random scores in random boxes; and at one of the corners the bound is met."""
    rng = np.random.default_rng(k)
    for _ in range(200):
        middle, reach = rng.normal(0, 3, k - 1), rng.uniform(0, 3, k - 1)
        least, most = middle - reach, middle + reach
        bound = least_lead(member(k, 0.7), least[None], most[None])[0]
        corners = np.array(np.meshgrid(*np.stack([least, most], axis=1))).reshape(k - 1, -1).T
        gaps = np.concatenate([corners, rng.uniform(least, most, (200, k - 1))])
        shares = np.exp(-0.7 * np.column_stack([np.zeros(len(gaps)), gaps]))
        shares /= shares.sum(axis=1, keepdims=True)
        leads = (shares[:, [0]] - shares[:, 1:]).min(axis=0)
        assert (bound <= leads).all()
        np.testing.assert_allclose(bound, leads, atol=1e-12)


@pytest.mark.parametrize("far", [250.0, 400.0, 1e5, np.inf])
def test_scores_that_are_far_apart_lead_by_all_or_nothing(far: float) -> None:
    behind = least_lead(member(3), np.array([[-far, -2 * far]]), np.array([[far, far]]))
    ahead = least_lead(member(3), np.array([[far, far]]), np.array([[far, far]]))

    assert (behind <= -1 + 1e-12).all()
    np.testing.assert_allclose(ahead, 1.0, atol=1e-12)


def test_probabilities_lead_as_they_are() -> None:
    least = np.array([[0.2, -0.4]])

    np.testing.assert_array_equal(least_lead(member(3, None), least, least + 1), least)


def test_what_the_library_rounds_is_needed_of_a_lead() -> None:
    vote = Vote((member(2), member(2)))

    assert needed(vote) > 2 * vote.blur
