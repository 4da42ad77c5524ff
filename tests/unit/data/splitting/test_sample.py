from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_robust.data.splitting.sample import stratified_sample

LABELS = st.lists(st.integers(0, 3), min_size=1, max_size=60).map(np.array)


@given(y=LABELS, size=st.integers(1, 70), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_sample_has_its_size_ascends_and_repeats_no_row(
    y: np.ndarray, size: int, seed: int
) -> None:
    rows = stratified_sample(y, size, seed)
    assert len(rows) == min(size, len(y))
    assert (np.diff(rows) > 0).all()
    assert np.isin(rows, np.arange(len(y))).all()


@given(y=LABELS, size=st.integers(1, 59), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_each_class_has_its_share_to_within_a_row_per_other_class(
    y: np.ndarray, size: int, seed: int
) -> None:
    rows = stratified_sample(y, size, seed)
    share = len(rows) / len(y)
    present = np.unique(y)
    for label in present:
        due = share * (y == label).sum()
        assert abs((y[rows] == label).sum() - due) <= max(1.0, (len(present) - 1) / 2 + 0.5)


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    y = np.repeat([0, 1, 2], [50, 30, 20])
    small, large = stratified_sample(y, 20, 0), stratified_sample(y, 40, 0)
    assert set(small) < set(large)
    assert np.bincount(y[small]).tolist() == [10, 6, 4]


def test_the_seed_decides_the_sample() -> None:
    y = np.zeros(100, dtype=np.int64)
    assert stratified_sample(y, 10, 0).tolist() == stratified_sample(y, 10, 0).tolist()
    assert stratified_sample(y, 10, 0).tolist() != stratified_sample(y, 10, 1).tolist()


def test_a_rare_class_keeps_a_row_in_every_sample_that_has_room_for_it() -> None:
    y = np.zeros(2000, dtype=np.int64)
    y[:4], y[4] = 1, 2
    for size in (3, 10, 200):
        assert np.unique(y[stratified_sample(y, size, 0)]).tolist() == [0, 1, 2]
    assert set(stratified_sample(y, 3, 0)) < set(stratified_sample(y, 200, 0))


def test_a_sample_of_fewer_rows_than_classes_takes_the_most_frequent() -> None:
    y = np.repeat([0, 1, 2], [10, 30, 20])
    assert y[stratified_sample(y, 2, 0)].tolist() == [1, 2]


def test_a_sample_that_no_class_was_lost_in_is_what_it_was() -> None:
    """The rows with the smallest keys (i + 1/2) / n, as all samples were before."""
    y = np.repeat([0, 1, 2], [500, 300, 200])
    rows = stratified_sample(y, 100, 3)
    assert np.bincount(y[rows]).tolist() == [50, 30, 20]
