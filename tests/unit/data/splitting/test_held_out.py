from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from genlabel_robust.core.errors import DataError, UnknownNameError
from genlabel_robust.data.load import load_task
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.data.task import Task

Csv = Callable[..., str]
TRAIN = "id,a,b,t\nr1,1,2,x\nr2,3,4,x\nr3,5,6,y\nr4,7,8,y\n"
TEST = "b,a,t,id\n20,10,y,s1\n40,30,y,s2\n"


def load(csv: Csv, test: str, target: str = "", drop: tuple[str, ...] = ()) -> Task:
    test_file = csv(test, "test.csv") + target
    return load_task(csv(TRAIN) + "#t", SplitConfig(test_file=test_file, drop=drop), "paper")


def test_the_whole_table_trains_and_the_file_is_tested(csv: Csv) -> None:
    task = load(csv, TEST)
    assert task.name == "table.csv#t"
    assert sorted(task.x_train[:, 0]) == [1, 3, 5, 7]
    np.testing.assert_array_equal(task.x_test, [[10, 20], [30, 40]])
    assert task.y_test.tolist() == [1, 1]
    assert task.test_ids.tolist() == [0, 1]


def test_labels_stay_with_their_rows_when_training_is_shuffled(csv: Csv) -> None:
    task = load(csv, TEST)
    label_of = {1: 0, 3: 0, 5: 1, 7: 1}
    assert task.y_train.tolist() == [label_of[int(a)] for a in task.x_train[:, 0]]


def test_the_papers_scaling_sees_both_files(csv: Csv) -> None:
    task = load(csv, TEST)
    np.testing.assert_allclose(task.scaling.offset, [(16 + 40) / 6, (20 + 60) / 6])


def test_a_class_that_is_not_tested_is_noted(csv: Csv) -> None:
    assert any("No test row has class 'x'" in notice for notice in load(csv, TEST).notices)


def test_the_test_file_may_name_another_target(csv: Csv) -> None:
    task = load(csv, TEST.replace(",t,", ",label,"), "#label")
    assert task.y_test.tolist() == [1, 1]


def test_a_test_file_of_numbers_matches_training_labels_of_floats(csv: Csv) -> None:
    train = csv("a,t\n1,0.0\n2,0.0\n3,1.0\n4,1.0\n")
    test_file = csv("a,t\n9,1\n", "test.csv")
    task = load_task(train + "#t", SplitConfig(test_file=test_file), "range")
    assert task.y_test.tolist() == [1]


def test_missing_and_extra_columns_are_named(csv: Csv) -> None:
    with pytest.raises(DataError, match=r"test file lacks 'b' and adds 'c', 'd'; both need"):
        load(csv, "a,c,d,t,id\n1,2,3,x,s\n")


def test_a_dropped_column_need_not_be_in_the_test_file(csv: Csv) -> None:
    assert load(csv, "a,b,t\n1,2,x\n", drop=("id",)).x_test.tolist() == [[1, 2]]


def test_an_unseen_label_is_named(csv: Csv) -> None:
    with pytest.raises(DataError, match=r"no training row has the label 'z' \(known: 'x', 'y'\)"):
        load(csv, TEST.replace("y,s2", "z,s2"))


def test_text_where_training_has_numbers_is_named(csv: Csv) -> None:
    with pytest.raises(DataError, match=r"'a' is numeric in table.csv#t, but not here"):
        load(csv, TEST.replace("30", "thirty"))


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("id,a,b,t\n", "the table has no rows"),
        ("id,a,b,t\ns,1,inf,x\n", r"test.csv#t: infinite values in 'b' \(1 row\)"),
        ("id,a,b,t\ns,1,2,\n", "no label in 1 row"),
    ],
)
def test_a_test_file_is_checked_like_a_table(csv: Csv, test: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(csv, test)


def test_a_value_that_only_the_test_file_lacks_is_the_training_median(csv: Csv) -> None:
    task = load(csv, "id,a,b,t\ns,1,,x\n")
    assert task.x_test.tolist() == [[1, 4, 1]]
    assert task.feature_names == ("a", "b", "b is missing")
    assert any("'b' holds missing values in 1 test row" in notice for notice in task.notices)


def test_a_test_file_without_the_target_is_told_so(csv: Csv) -> None:
    with pytest.raises(UnknownNameError, match="no target column 't'"):
        load(csv, "id,a,b\ns,1,2\n")
