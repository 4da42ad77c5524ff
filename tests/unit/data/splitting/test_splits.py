from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import (
    ConfigurationError,
    DataError,
    TooFewExamplesError,
    UnknownNameError,
)
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.splitting.splits import SplitConfig, check_training_classes, split_rows
from genlabel_robust.data.table import Table


def table_of(counts: list[int], groups: np.ndarray | None = None) -> Table:
    """Return a table sorted by class, with ``counts`` rows of each."""
    y = np.repeat(np.arange(len(counts)), counts)
    classes = tuple(f"c{i}" for i in range(len(counts)))
    return Table("t", np.arange(len(y), dtype=float)[:, None], y, ("x",), classes, groups)


def test_the_parts_are_disjoint_complete_and_stratified() -> None:
    table = table_of([60, 30, 10])
    train, test = split_rows(table, SplitConfig())
    assert sorted([*train, *test]) == list(range(100))
    assert np.bincount(table.y[test]).tolist() == [18, 9, 3]
    assert (np.diff(test) > 0).all()


def test_training_rows_are_shuffled_although_the_table_is_sorted_by_class() -> None:
    table = table_of([200, 200])
    train, _ = split_rows(table, SplitConfig())
    # a batch of 64 holding one class has a chance of 2 * 0.5**64 under a fair shuffle
    batches = [set(table.y[train[i : i + 64]]) for i in range(0, 256, 64)]
    assert all(batch == {0, 1} for batch in batches)


def test_the_seed_decides_the_split() -> None:
    table = table_of([50, 50])
    first, again, other = (split_rows(table, SplitConfig(seed=s)) for s in (0, 0, 1))
    assert first[0].tolist() == again[0].tolist()
    assert first[1].tolist() == again[1].tolist()
    assert first[1].tolist() != other[1].tolist()


def test_the_paper_split_is_the_released_call() -> None:
    from sklearn.model_selection import train_test_split

    table = table_of([50, 50, 50])
    x_train, x_test = train_test_split(table.x, test_size=0.3, random_state=2021)
    for seed in (0, 7):
        train, test = split_rows(table, SplitConfig(kind="paper", seed=seed))
        np.testing.assert_array_equal(table.x[train], x_train)
        np.testing.assert_array_equal(table.x[test], np.sort(x_test, axis=0))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_groups_stay_on_one_side_and_classes_near_their_share(seed: int, share: float) -> None:
    groups = generator(0, "groups").integers(0, 40, 200)
    table = table_of([120, 80], groups)
    train, test = split_rows(table, SplitConfig(group="g", seed=seed, test_share=share))
    assert not set(groups[train]) & set(groups[test])
    assert sorted([*train, *test]) == list(range(200))
    tested = np.bincount(table.y[test]) / [120, 80]
    assert np.abs(tested - share).max() < 0.12


def test_one_group_cannot_be_split() -> None:
    table = table_of([5, 5], np.zeros(10, dtype=np.int64))
    with pytest.raises(DataError, match="column 'g' has one group only"):
        split_rows(table, SplitConfig(group="g"))


def test_two_groups_and_a_share_that_leaves_none_to_train_are_refused() -> None:
    table = table_of([5, 5], np.arange(10) % 2)
    with pytest.raises(DataError, match=r"2 groups cannot be split with a test share of 0\.6"):
        split_rows(table, SplitConfig(group="g", test_share=0.6))


def test_a_share_too_small_for_all_classes_is_refused() -> None:
    with pytest.raises(DataError, match=r"12 rows of 4 classes cannot .* test share of 0\.1"):
        split_rows(table_of([3, 3, 3, 3]), SplitConfig(test_share=0.1))


def test_a_class_with_one_training_row_is_refused_by_name_and_count() -> None:
    with pytest.raises(TooFewExamplesError, match="class 'b' has 1 training row, but 2 are needed"):
        check_training_classes(np.array([0, 0, 1]), ("a", "b"), name="t")
    with pytest.raises(TooFewExamplesError, match="class 'c' has 0 training rows"):
        check_training_classes(np.array([0, 0, 1, 1]), ("a", "b", "c"), name="t")
    check_training_classes(np.array([0, 0, 1, 1]), ("a", "b"), name="t")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"test_share": 0.0}, r"the test share is 0\.0; it must lie between 0 and 1"),
        ({"test_share": 1.0}, "it must lie between 0 and 1"),
        ({"test_share": float("nan")}, "it must lie between 0 and 1"),
        ({"seed": -1}, "the split seed is -1"),
        ({"max_examples": 0}, "max_examples is 0; it must be 1 or more"),
        ({"group": "g", "test_file": "a.csv"}, "'g' and the test file 'a.csv' both decide"),
        ({"kind": "paper", "group": "g"}, "'paper' is one fixed split"),
        ({"kind": "paper", "test_file": "a.csv"}, "'paper' is one fixed split"),
        ({"kind": "paper", "test_share": 0.2}, r"has the test share 0\.3, not 0\.2"),
    ],
)
def test_settings_at_odds_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SplitConfig(**settings)


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'stratified'"):
        SplitConfig(kind="stratify")  # type: ignore[arg-type]
