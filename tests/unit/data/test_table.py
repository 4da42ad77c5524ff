from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import (
    ConfigurationError,
    DataError,
    TooFewExamplesError,
    UnknownNameError,
)
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.table import Table, make_table


def table_of(columns: dict[str, Any], target: str = "y", **options: Any) -> Table:
    return make_table(Source("t", pd.DataFrame(columns), target), **options)


X = [1.0, 2.0, 3.0, 4.0]


def test_numbers_are_features_in_the_order_of_the_source() -> None:
    table = table_of({"b": [1.0, 0.0, 1.0, 1.0], "y": [0, 1, 0, 1], "a": [1, 2, 3, 4]})
    assert table.feature_names == ("b", "a")
    assert table.x.dtype == np.float64
    np.testing.assert_array_equal(table.x, [[1, 1], [0, 2], [1, 3], [1, 4]])
    assert table.notices == ()
    assert table.encoding is None


def test_each_level_is_a_feature_and_so_is_what_says_that_a_number_is_missing() -> None:
    table = table_of(
        {
            "b": [True, False, True, True],
            "x": [1.0, np.nan, 3.0, 4.0],
            "kind": pd.Categorical([1, 2, 1, 2]),
            "y": [0, 0, 1, 1],
        }
    )
    assert table.feature_names == ("b=False", "b=True", "x", "x is missing", "kind=1", "kind=2")
    np.testing.assert_array_equal(
        table.x, [[0, 1, 1, 0, 1, 0], [1, 0, 3, 1, 0, 1], [0, 1, 3, 0, 1, 0], [0, 1, 4, 0, 0, 1]]
    )
    assert table.notices == ()


def test_dates_are_refused_and_not_dropped() -> None:
    with pytest.raises(DataError, match=r"'day' contains values of the type datetime64.*--drop"):
        table_of({"x": X, "day": pd.date_range("2024-01-01", periods=4), "y": [0, 0, 1, 1]})


def test_for_the_papers_tables_what_is_no_number_is_dropped_with_a_notice() -> None:
    table = table_of(
        {
            "x": X,
            "text": list("abcd"),
            "kind": pd.Categorical([1, 2, 1, 2]),
            "day": pd.date_range("2024-01-01", periods=4),
            "y": [0, 0, 1, 1],
        },
        numbers_only=True,
    )
    assert table.feature_names == ("x",)
    (notice,) = table.notices
    assert notice.startswith("Dropped 3 columns")
    assert "'text', 'kind', 'day'; encode those" in notice


@pytest.mark.parametrize(
    ("labels", "classes", "codes"),
    [
        (["b", "a", "b", "a"], ("a", "b"), [1, 0, 1, 0]),
        ([10, 9, 10, 9], ("9", "10"), [1, 0, 1, 0]),
        ([10.0, 9.0, 10.0, 9.0], ("9", "10"), [1, 0, 1, 0]),
        ([True, False, False, True], ("False", "True"), [1, 0, 0, 1]),
        (pd.Categorical(["n", "n", "m", "m"]), ("m", "n"), [1, 1, 0, 0]),
        (pd.Categorical([10, 9, 10, 9]), ("9", "10"), [1, 0, 1, 0]),
        (pd.array([3, 3, -1, -1], dtype="Int64"), ("-1", "3"), [1, 1, 0, 0]),
        (pd.array([2, "b", 2, "b"], dtype=object), ("2", "b"), [0, 1, 0, 1]),
    ],
)
def test_a_target_of_any_type_becomes_sorted_classes(
    labels: Any, classes: tuple[str, ...], codes: list[int]
) -> None:
    table = table_of({"x": X, "y": labels})
    assert table.classes == classes
    assert table.y.dtype == np.int64
    assert table.y.tolist() == codes


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([1, np.nan, np.nan, 2], r"t: missing values in 'bad' \(2 rows\); .*--drop COLUMN"),
        ([1, np.inf, 2, 3], r"t: infinite values in 'bad' \(1 row\)"),
        ([1, -np.inf, 2, 3], r"t: infinite values in 'bad' \(1 row\)"),
        ([1, 1e200, 2, 3], r"t: magnitudes above 1e\+100 in 'bad' \(1 row\)"),
        (pd.array([1, None, 2, 3], dtype="Int64"), r"missing values in 'bad' \(1 row\)"),
    ],
)
def test_a_value_that_is_no_number_names_its_column_and_count(bad: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        table_of({"x": X, "bad": bad, "y": [0, 0, 1, 1]}, numbers_only=True)


def test_beside_text_an_infinite_value_names_its_column_as_well() -> None:
    with pytest.raises(DataError, match=r"infinite or above 1e\+30 in 'bad' \(1 row\)"):
        table_of({"s": list("abab"), "bad": [1, np.inf, 2, 3], "y": [0, 0, 1, 1]})


def test_a_column_without_any_value_is_left_out_by_name() -> None:
    table = table_of({"x": X, "gone": [np.nan] * 4, "y": [0, 0, 1, 1]})
    assert table.feature_names == ("x",)
    assert table.left_out == ("gone",)
    assert table.notices == ("Left out 1 column without any value in the rows: 'gone'.",)


def test_a_column_with_missing_values_can_be_left_out() -> None:
    table = table_of({"x": X, "bad": [np.nan] * 4, "y": [0, 0, 1, 1]}, drop=("bad",))
    assert table.feature_names == ("x",)
    assert table.notices == ()


def test_many_bad_columns_are_not_all_listed() -> None:
    columns: dict[str, Any] = {f"c{i}": [np.nan, 1, 1, 1] for i in range(14)}
    with pytest.raises(DataError, match=r"'c9' \(1 row\) and 4 more columns; fill"):
        table_of({**columns, "y": [0, 0, 1, 1]}, numbers_only=True)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, None, None], r"target column 'y' has no label in 2 rows"),
        (["a", "b", None, "a"], r"target column 'y' has no label in 1 row "),
        ([0.0, 0.5, 1.0, 1.0], r"fractions such as 0\.5, so this looks like a regression"),
        ([0.0, np.inf, 1.0, 1.0], r"target column 'y' holds infinite values"),
        (["a"] * 4, r"only one class, 'a'; at least two"),
    ],
)
def test_a_target_that_gives_no_classes_is_refused(labels: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        table_of({"x": X, "y": labels})


def test_a_class_with_one_row_is_refused_by_name() -> None:
    with pytest.raises(TooFewExamplesError, match=r"fewer than 2 rows of class 'rare' \(of 2"):
        table_of({"x": X, "y": ["a", "a", "a", "rare"]})


def test_a_wrong_target_name_answers_with_the_nearest_column() -> None:
    with pytest.raises(UnknownNameError, match="no target column 'labl'; did you mean 'label'"):
        table_of({"x": X, "label": [0, 0, 1, 1]}, target="labl")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"drop": ("xx",)}, UnknownNameError, "no column 'xx' to drop; did you mean 'x'"),
        ({"group": "gg"}, UnknownNameError, "no group column 'gg'; did you mean 'g'"),
        ({"drop": ("y",)}, ConfigurationError, "column 'y' is the target column, so"),
        ({"drop": ("g",), "group": "g"}, ConfigurationError, "column 'g' is the group column, so"),
        ({"group": "y"}, ConfigurationError, "'y' is named both as target and as group"),
        (
            {"drop": ("x", "g")},
            DataError,
            r"no feature column is left \(left out: 'x', 'g'\)",
        ),
        ({"keep": ("xx",)}, UnknownNameError, "no column 'xx' to keep; did you mean 'x'"),
        (
            {"keep": ("x",), "drop": ("x",)},
            ConfigurationError,
            "column 'x' is given both with --keep and with --drop",
        ),
        (
            {"keep": ("y",)},
            ConfigurationError,
            "column 'y' is the target column, so it cannot be kept",
        ),
        (
            {"keep": ("g",), "group": "g"},
            ConfigurationError,
            "column 'g' is the group column, so it cannot be kept",
        ),
    ],
)
def test_column_roles_at_odds_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        table_of({"x": X, "g": [1, 1, 2, 2], "y": [0, 0, 1, 1]}, **options)


def test_a_table_of_text_only_is_encoded() -> None:
    table = table_of({"a": list("abab"), "b": list("ppqq"), "y": [0, 0, 1, 1]})
    assert table.feature_names == ("a=a", "a=b", "b=p", "b=q")


def test_a_table_of_identifiers_only_names_them() -> None:
    with pytest.raises(DataError, match=r"no feature column is left \(left out: 'id'\)"):
        table_of({"id": list("abcd"), "y": [0, 0, 1, 1]})


def test_duplicate_column_names_are_refused() -> None:
    frame = pd.DataFrame([[1, 2, 0], [1, 2, 1]], columns=["a", "a", "y"])
    with pytest.raises(DataError, match="more than one column is named 'a'"):
        make_table(Source("t", frame, "y"))


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="the table has no rows"):
        table_of({"x": [], "y": []})


def test_the_group_column_is_coded_and_is_no_feature() -> None:
    table = table_of({"x": X, "g": ["p", "q", "p", "q"], "y": [0, 0, 1, 1]}, group="g")
    assert table.feature_names == ("x",)
    assert table.groups is not None
    assert table.groups.tolist() == [0, 1, 0, 1]
    assert table.notices == ()


def test_a_row_without_a_group_is_refused() -> None:
    with pytest.raises(DataError, match="group column 'g' is empty in 1 row"):
        table_of({"x": X, "g": ["p", None, "p", "q"], "y": [0, 0, 1, 1]}, group="g")


def test_columns_without_text_names_are_named_by_their_text() -> None:
    frame = pd.DataFrame({0: X, 1: [0, 0, 1, 1]})
    assert make_table(Source("t", frame, "1")).feature_names == ("0",)
