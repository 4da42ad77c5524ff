from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from genlabel_robust.core.errors import DataError
from genlabel_robust.data.classes import in_order, labels
from genlabel_robust.data.rows import NO_REFERENCE, rows_of, task_of_rows
from genlabel_robust.data.task import Task


def task_of_arrays(name: str, x: Any, y: Any, classes: Any, *, reference: Any = None) -> Task:
    return task_of_rows(name, rows_of(x, reference), y, classes)


X = np.array([[0.0, 10.0], [1.0, 20.0], [2.0, 30.0]])


def test_a_task_of_arrays_is_tested_on_every_row_unscaled() -> None:
    reference = X + 1.0
    task = task_of_arrays("t", X, ["b", "a", "b"], ("a", "b"), reference=reference)
    assert (task.x_test == X).all()
    assert (task.x_train == reference).all()
    assert task.y_test.tolist() == [1, 0, 1]
    assert task.y_train.tolist() == [-1, -1, -1]
    assert task.test_ids.tolist() == [0, 1, 2]
    assert (task.classes, task.feature_names) == (("a", "b"), ("x0", "x1"))
    assert task.scaling.apply(X).tolist() == X.tolist()
    assert task.notices == ()


def test_without_a_reference_a_notice_says_whose_ranges_count() -> None:
    task = task_of_arrays("t", X, [0, 1, 0], (0, 1))
    assert (task.x_train == X).all()
    assert task.notices == (NO_REFERENCE,)
    assert task.ranges == "test"


def test_the_rows_are_a_copy() -> None:
    x = X.copy()
    task = task_of_arrays("t", x, [0, 1, 0], (0, 1))
    x[:] = 7.0
    assert (task.x_test == X).all()


def test_a_frame_s_columns_have_their_names_and_a_reference_is_put_in_their_order() -> None:
    frame = pd.DataFrame(X, columns=["a", "b"])
    task = task_of_arrays("t", frame, [0, 1, 0], (0, 1), reference=frame[["b", "a"]])
    assert task.feature_names == ("a", "b")
    assert (task.x_train == X).all()


@pytest.mark.parametrize(
    "y",
    [
        [1, 0, 1],
        (True, False, True),
        np.array([1.0, 0.0, 1.0]),
        pd.Series([1, 0, 1], index=[5, 6, 7]),
        pd.Series([1, 0, 1], dtype="Int64"),
        pd.Series([1, 0, 1]).astype("category"),
        torch.tensor([1, 0, 1]),
    ],
    ids=lambda y: type(y).__name__,
)
def test_labels_of_any_type_are_coded(y: Any) -> None:
    assert task_of_arrays("t", X, y, (0, 1)).y_test.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([1, 0, 1], ("0", "1")),
        ([1, 0, 1], (0.0, 1.0)),
        (["1", "0", "1"], (0, 1)),
        (np.array([1.0, 0.0, 1.0], dtype=np.float32), ("0", "1")),
        ([True, False, True], ("False", "True")),
        (["True", "False", "True"], (False, True)),
        ([1, 0, 1], (False, True)),
        (["yes", "no", "yes"], np.array(["no", "yes"], dtype=object)),
    ],
)
def test_labels_are_matched_by_what_they_look_like(y: Any, classes: Any) -> None:
    task = task_of_arrays("t", X, y, tuple(classes))
    assert task.y_test.tolist() == [1, 0, 1]
    assert task.classes[1] in ("1", "True", "yes")


def test_a_fraction_is_no_integer() -> None:
    assert task_of_arrays("t", X, [0.5, 1.0, 0.5], (0.5, 1)).classes == ("0.5", "1")
    with pytest.raises(DataError, match=r"y has the labels \[1.5\]"):
        task_of_arrays("t", X, [0, 1.5, 0], (0, 1))


def test_the_hash_of_a_table_of_numbers_is_the_one_that_stored_runs_have() -> None:
    task = task_of_arrays("t", X, [0, 1, 0], (0, 1))
    assert task.encoding is None
    assert task.content_hash == ("cff313988534555afdf681bfc781c1e1bfa48f8a3afb4646556de04f970abb48")


def test_an_encoding_is_part_of_the_hash() -> None:
    frames = [pd.DataFrame({"a": [1, 2, 3], "b": b}) for b in (["p", "q", "p"], ["r", "s", "r"])]
    tasks = [task_of_arrays("t", frame, [0, 1, 0], (0, 1)) for frame in frames]
    assert (tasks[0].x_test == tasks[1].x_test).all()
    assert tasks[0].encoding is not None
    assert tasks[0].content_hash != tasks[1].content_hash


def test_numbers_are_in_the_order_of_numbers_and_the_rest_in_that_of_texts() -> None:
    assert in_order([10, 9, 10]) == (9, 10)
    assert in_order(["10", "9"]) == ("10", "9")
    assert labels(np.array(["b", "a"])) == ["b", "a"]


@pytest.mark.parametrize(
    ("x", "y", "classes", "reference", "told"),
    [
        ([["a", 1.0]], [0], (0, 1), None, "x must be numbers"),
        ([1.0, 2.0], [0, 1], (0, 1), None, r"x has shape \(2,\)"),
        (np.zeros((0, 2)), [], (0, 1), None, r"x has shape \(0, 2\)"),
        ([[np.inf, 1.0], [1.0, -np.inf]], [0, 1], (0, 1), None, r"in 'x0', 'x1' \(2 rows\)"),
        ([[1e31, 1.0]], [0], (0, 1), None, "above 1e\\+30 in 'x0'"),
        (pd.DataFrame(X, columns=["a", "a"]), [0, 1, 0], (0, 1), None, "the same name"),
        (X, [0, 1], (0, 1), None, "x has 3 rows and y 2 labels"),
        (X, np.eye(3), (0, 1), None, r"y has shape \(3, 3\)"),
        (X, [0, None, np.nan], (0, 1), None, "y has no label in 2 rows"),
        (X, pd.Series([0, None, 1], dtype="Int64"), (0, 1), None, "y has no label in 1 row"),
        (X, [0, 1, 2], (0, 1), None, r"the labels \[2\], which the model does not have"),
        (X, [0, 0, 0], (0,), None, "there is only one class, '0'"),
        (X, [0, 0, 0], (0, "0", 1), None, "two of the classes are written in the same way"),
        (X, [0, 0, 0], (0, 0.0, 1), None, "two of the classes are written in the same way"),
        (X, [0, 0, 0], (1, True), None, "two of the classes are written in the same way"),
        (X, [0, 1, 0], (0, 1), X[:, :1], "x has 2 columns and the reference has 1"),
    ],
)
def test_what_cannot_be_evaluated_is_told(
    x: Any, y: Any, classes: Any, reference: Any, told: str
) -> None:
    with pytest.raises(DataError, match=told):
        task_of_arrays("t", x, y, classes, reference=reference)


def test_frames_of_different_columns_are_refused() -> None:
    one, other = pd.DataFrame(X, columns=["a", "b"]), pd.DataFrame(X, columns=["a", "c"])
    with pytest.raises(DataError, match="same columns: 'b', 'c'"):
        task_of_arrays("t", one, [0, 1, 0], (0, 1), reference=other)
