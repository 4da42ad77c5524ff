"""Making adversarial examples sparse by undoing changes that they do not need."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.sparse import fewer_changes

RNG = np.random.default_rng(0)
N, D = 60, 7
WEIGHT = RNG.normal(size=D)
RAW = RNG.normal(size=(N, D))
RAW -= np.outer(RAW @ WEIGHT + 1, WEIGHT) / (WEIGHT @ WEIGHT)  # every row at -1
MOVED = RAW + RNG.normal(size=(N, D)) + 2 * WEIGHT / (WEIGHT @ WEIGHT)
SINGLE = [np.array([i]) for i in range(D)]


def mislabelled(rows: np.ndarray, which: np.ndarray) -> np.ndarray:
    return rows @ WEIGHT > 0


def sparse(columns: list[np.ndarray] = SINGLE) -> np.ndarray:
    return fewer_changes(mislabelled, RAW, MOVED, columns, np.ones(D))


def test_what_misled_the_model_still_does_with_no_more_changes() -> None:
    wrong = mislabelled(MOVED, np.arange(N))
    found = sparse()
    assert 10 < wrong.sum() < N
    assert mislabelled(found, np.arange(N))[wrong].all()
    assert ((found == RAW) | (found == MOVED)).all()
    assert ((found != RAW).sum(axis=1) < (MOVED != RAW).sum(axis=1))[wrong].mean() > 0.9


def test_a_row_that_is_labelled_right_to_begin_with_is_left_as_it_is() -> None:
    right = ~mislabelled(MOVED, np.arange(N))
    np.testing.assert_array_equal(sparse()[right], MOVED[right])


def test_each_change_that_is_left_is_needed() -> None:
    found = sparse()
    for row in np.flatnonzero(mislabelled(MOVED, np.arange(N))):
        for column in np.flatnonzero(found[row] != RAW[row]):
            without = found[row].copy()
            without[column] = RAW[row, column]
            assert not mislabelled(without[None], np.array([row]))[0]


def test_features_of_a_group_are_given_back_together() -> None:
    columns = [np.array([0, 1, 2]), *SINGLE[3:]]
    found = sparse(columns)
    kept = (found == MOVED)[:, :3]
    assert (kept.all(axis=1) | (~kept).all(axis=1)).all()
    assert (~kept).all(axis=1).any()


def test_features_that_only_go_back_together_do() -> None:
    def tied(rows: np.ndarray, which: np.ndarray) -> np.ndarray:
        moved = rows != RAW[which]
        return (moved[:, 0] == moved[:, 1]) & mislabelled(rows, which)

    alone = fewer_changes(tied, RAW, MOVED, SINGLE, np.ones(D))
    both = fewer_changes(tied, RAW, MOVED, [*SINGLE, np.array([0, 1])], np.ones(D))
    wrong = mislabelled(MOVED, np.arange(N))
    assert (alone == MOVED)[:, :2].all()
    assert (both == RAW)[wrong, :2].all(axis=1).mean() > 0.3
    assert tied(both, np.arange(N))[wrong].all()


def test_what_is_in_no_group_is_kept() -> None:
    np.testing.assert_array_equal(sparse(SINGLE[1:])[:, 0], MOVED[:, 0])


@pytest.mark.parametrize("unit", [np.ones(D), np.zeros(D)])
def test_a_feature_without_a_unit_is_no_error(unit: np.ndarray) -> None:
    found = fewer_changes(mislabelled, RAW, MOVED, SINGLE, unit)
    assert np.isfinite(found).all()
