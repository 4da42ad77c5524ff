from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.rows import rows_of
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed

NAN = float("nan")
#: Text that looks like something else, none of it missing.
ODD = ["nan", "1", "1.0", "True", "", " ", "None", "NA", "a=b", "é\n", "\u2028", "\0", "日本"]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [20.0, 30.0, NAN, 50.0],
            "color": ["red", None, "blue", "red"],
            "income": [1, 2, 3, 4],
            "member": [True, False, True, True],
        }
    )


def texts(missing: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.text(max_size=3), st.sampled_from(ODD), st.just(missing))


def numbers() -> st.SearchStrategy[float]:
    return st.one_of(st.floats(-1e30, 1e30), st.just(NAN))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 6))

    def column(values: st.SearchStrategy[Any], dtype: Any) -> pd.Series:
        return pd.Series(draw(st.lists(values, min_size=n, max_size=n)), dtype=dtype)

    kinds = {
        "whole": lambda: column(st.integers(-9, 9), "float64"),
        "number": lambda: column(numbers(), "float64"),
        "int": lambda: column(st.integers(-9, 9), "int64"),
        "Int": lambda: column(st.one_of(st.integers(0, 9), st.none()), "Int8"),
        "text": lambda: column(texts(NAN), "object"),
        "none": lambda: column(texts(None), "object"),
        "str": lambda: column(texts(None), "str"),
        "string": lambda: column(texts(None), "string"),
        "truth": lambda: column(st.booleans(), "bool"),
        "maybe": lambda: column(st.one_of(st.booleans(), st.none()), "object"),
        "boolean": lambda: column(st.one_of(st.booleans(), st.none()), "boolean"),
        "category": lambda: column(texts(None), "category"),
        "coded": lambda: column(st.one_of(st.integers(0, 3), st.none()), "category"),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=5, unique=True))
    return pd.DataFrame({name: kinds[name]() for name in chosen})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(frame=frames(), free=st.booleans())
def test_a_frame_comes_back_as_it_was(frame: pd.DataFrame, free: bool) -> None:
    rows = rows_of(frame, free=frame.columns if free else (), whole=frame.columns)
    assert rows.x.dtype == np.float64
    assert np.isfinite(rows.x).all()
    assert rows.x.shape[1] == len(rows.names) == len(set(rows.names))
    told = json.loads(json.dumps(rows.encoding.as_dict()))
    for encoding in (rows.encoding, Encoding.from_dict(told)):
        back = encoding.frame(rows.x)
        # a column in which everything is missing has no type of its own
        empty = [name for name in frame if frame[name].isna().all()]
        pd.testing.assert_frame_equal(
            back.drop(columns=empty), frame.drop(columns=empty), check_column_type=False
        )
        assert back[empty].isna().all().all()
        assert (encoding.encode(back) == rows.x).all()
    assert Encoding.from_dict(told) == rows.encoding


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(frame=frames())
def test_the_missing_values_of_objects_are_the_source_s_own(frame: pd.DataFrame) -> None:
    rows = rows_of(frame)
    back = rows.encoding.frame(rows.x)
    for name in {"text", "none"} & set(frame):
        pairs = list(zip(frame[name], back[name], strict=True))
        if any(isinstance(value, str) for value in frame[name]):
            assert all(repr(one) == repr(other) for one, other in pairs)


@given(st.lists(st.lists(numbers(), min_size=3, max_size=3), min_size=1, max_size=5))
def test_an_array_comes_back_as_it_was(values: list[list[float]]) -> None:
    rows = rows_of(np.array(values))
    np.testing.assert_array_equal(rows.encoding.matrix(rows.x), values)
    assert rows.encoding.trivial == (not np.isnan(values).any())
    if rows.encoding.trivial:
        assert (rows.x == values).all()


def test_columns_have_names_that_say_what_they_are(frame: pd.DataFrame) -> None:
    rows = rows_of(frame, free={"color"})
    assert rows.names == (
        "age",
        "age is missing",
        "color=blue",
        "color=red",
        "color is missing",
        "income",
        "member",
    )
    assert rows.x.tolist() == [
        [20, 0, 0, 1, 0, 1, 1],
        [30, 0, 0, 0, 1, 2, 0],
        [30, 1, 1, 0, 0, 3, 1],
        [50, 0, 0, 1, 0, 4, 1],
    ]
    fixed = rows_of(frame)
    assert fixed.names == ("age", "age is missing", "color", "income", "member")
    assert fixed.x[:, 2].tolist() == [1, 2, 0, 1]
    encoding = rows.encoding
    assert encoding.columns == ("age", "color", "income", "member")
    assert (encoding.categories, encoding.missing) == (("color",), ("age", "color"))
    assert not encoding.trivial
    assert not encoding.plain


def test_an_indicator_says_missing_whatever_the_value_is(frame: pd.DataFrame) -> None:
    rows = rows_of(frame)
    moved = rows.x.copy()
    moved[:, :2] = [[7, 1], [8, 0], [9, 0], [6, 1]]
    np.testing.assert_array_equal(rows.encoding.frame(moved)["age"], [NAN, 8, 9, NAN])


def test_rows_that_stand_for_nothing_are_told(frame: pd.DataFrame) -> None:
    rows = rows_of(frame)
    nothing = rows.x.copy()
    nothing[1] = NAN
    with pytest.raises(DataError, match="1 encoded row of 4 hold NaN"):
        rows.encoding.frame(nothing)


def test_missing_values_are_filled_with_the_median_of_the_reference(frame: pd.DataFrame) -> None:
    other = frame.assign(age=[1.0, 2.0, 9.0, NAN])
    assert rows_of(frame, other).x[2, 0] == 2.0
    assert rows_of(frame, frame.assign(age=NAN)).x[2, 0] == 30.0
    # of an even number of values the lower: one that occurs, and whole where all are
    assert rows_of(frame, frame.assign(age=[1.0, 8.0, 4.0, 3.0])).x[2, 0] == 3.0
    assert rows_of(frame.assign(age=NAN)).x[:, :2].tolist() == [[0, 1]] * 4
    # only the reference has missing values: the columns are the same
    assert rows_of(frame.fillna({"age": 1.0}), frame).names[1] == "age is missing"


def test_true_and_false_are_numbers_to_models_of_numbers(frame: pd.DataFrame) -> None:
    numbers = frame[["income", "member"]]
    rows = rows_of(numbers)
    assert rows.encoding.plain
    assert not rows.encoding.trivial
    assert (rows.encoding.matrix(rows.x) == rows.x).all()
    rows = rows_of(numbers, free={"member"})
    assert not rows.encoding.plain
    assert (rows.encoding.matrix(rows.x) == numbers.to_numpy(dtype=float)).all()
    maybe = numbers.assign(member=[True, None, True, False])
    rows = rows_of(maybe, free={"member"})
    np.testing.assert_array_equal(rows.encoding.matrix(rows.x)[:, 1], [1, NAN, 1, 0])
    only = rows_of(numbers.assign(member=True))
    assert only.x[:, 1].tolist() == [1.0] * 4


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", object])
def test_numbers_of_other_types_are_numbers(dtype: Any) -> None:
    frame = pd.DataFrame({"a": pd.Series([1, None, 3]).astype(dtype)})
    rows = rows_of(frame)
    np.testing.assert_array_equal(rows.encoding.matrix(rows.x)[:, 0], [1, NAN, 3])
    assert rows.encoding.frame(rows.x)["a"].dtype == np.float64


@pytest.mark.parametrize("dtype", ["string[pyarrow]", "string", "str", object, "category"])
def test_text_of_other_types_is_text(dtype: Any) -> None:
    frame = pd.DataFrame({"a": pd.Series(["x", None, "y"]).astype(dtype)})
    rows = rows_of(frame)
    assert rows.names == ("a",)
    back = rows.encoding.frame(rows.x)["a"]
    assert str(back.dtype) == str(frame["a"].dtype)
    # of None as str, pandas 2 makes the text "None"
    assert back.isna().tolist() == frame["a"].isna().tolist()


def test_a_category_keeps_its_categories_and_their_order() -> None:
    dtype = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
    frame = pd.DataFrame({"a": pd.Series(["low", "high", None], dtype=dtype)})
    rows = rows_of(frame)
    assert rows.encoding.parts[0].names == ("a",)
    assert rows.encoding.frame(rows.x)["a"].dtype == dtype
    assert rows.x[:, 0].tolist() == [1, 0, 2]


def test_levels_are_those_of_both_tables_and_what_only_the_test_rows_have_is_told() -> None:
    here = pd.DataFrame({"a": ["x", "new", "new"], "b": ["x", "y", "y"]})
    there = pd.DataFrame({"b": ["x", "y"], "a": ["x", "old"]})
    rows = rows_of(here, there, free={"a"})
    assert rows.names == ("a=new", "a=old", "a=x", "b")
    assert rows.reference is not None
    assert rows.reference.tolist() == [[0, 0, 1, 0], [0, 1, 0, 1]]
    (told,) = rows.notices
    assert told.startswith("Column 'a' holds 'new' in 2 rows, but no reference row does")


def test_missing_values_that_no_reference_row_has_are_told() -> None:
    here = pd.DataFrame({"a": ["x", None, "new"], "b": [1.0, NAN, NAN], "c": [1.0, NAN, 2.0]})
    there = pd.DataFrame({"a": ["x", "x"], "b": [1.0, 2.0], "c": [1.0, NAN]})
    told = rows_of(here, there).notices
    assert [notice.partition(",")[0] for notice in told] == [
        "Column 'a' holds 'new' and missing values in 2 rows",
        "Column 'b' holds missing values in 2 rows",
    ]


def test_a_column_that_is_empty_in_one_table_is_what_it_is_in_the_other() -> None:
    empty = pd.DataFrame({"a": [None, None], "b": [NAN, NAN]})
    full = pd.DataFrame({"a": ["x", None], "b": [1.0, 2.0]})
    for one, other in ((empty, full), (full, empty)):
        rows = rows_of(one, other)
        assert rows.names == ("a", "b", "b is missing")
        back = rows.encoding.frame(rows.x)
        assert (back.isna() == one.isna()).all().all()


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ([1, 2], ["a", "b"], "'c' holds numbers in x and text elsewhere"),
        (["a", "b"], [1, 2], "'c' holds text in x and numbers elsewhere"),
        ([True, False], ["a", "b"], "'c' holds True and False in x and text elsewhere"),
        ([1, "a"], None, "x: column 'c' mixes numbers and text, such as 1 and 'a'"),
        ([True, "a"], None, "mixes True and False and text"),
        ([1j, 2j], None, "column 'c' contains values of the type complex128"),
        ([[1], [2]], None, "type list"),
        ([b"a", b"b"], None, "type bytes"),
        (pd.to_datetime(["2020-01-01", None]), None, r"type datetime64\[\w+\]"),
        (pd.to_timedelta([1, 2]), None, r"type timedelta64\[\w+\]"),
        (pd.to_datetime(["2020-01-01"] * 2).date, None, "type date"),
        (pd.to_datetime(["2020-01-01"] * 2).astype("timestamp[ns][pyarrow]"), None, "type timest"),
        (pd.cut([1, 2], 2), None, "type Interval"),
        (pd.period_range("2020", periods=2), None, "type "),
        (pd.Series([None, NAN, "a"], dtype=object), None, "more than one way, None and NaN"),
        ([1.0, np.inf], None, "infinite or above 1e\\+30 in 'c' \\(1 row\\)"),
    ],
)
def test_what_is_neither_a_number_nor_a_category_is_told(here: Any, there: Any, told: str) -> None:
    reference = None if there is None else pd.DataFrame({"c": there})
    with pytest.raises(DataError, match=told) as error:
        rows_of(pd.DataFrame({"c": here}), reference)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (np.array([["1", "2"]]), "has the type <U1; if columns are text, give a pandas frame"),
        (np.array([[1, "a"]], dtype=object), "has the type str"),
        (np.array([[1j]]), "has the type complex128"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), "has the type datetime64"),
        ([[1.0], [1.0, 2.0]], "x must be numbers"),
    ],
)
def test_an_array_of_anything_but_numbers_is_refused(x: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        rows_of(x)


def test_none_in_an_array_is_missing() -> None:
    rows = rows_of([[1.0, None], [2.0, 3.0]])
    assert rows.names == ("x0", "x1", "x1 is missing")


def test_names_that_would_stand_twice_are_refused() -> None:
    frame = pd.DataFrame({"a": ["b", "c"], "a=b": [1, 2]})
    assert rows_of(frame).names == ("a", "a=b")
    with pytest.raises(DataError, match="two columns would have the name 'a=b'"):
        rows_of(frame, free={"a"})


def test_other_rows_are_encoded_by_name_and_new_levels_refused(frame: pd.DataFrame) -> None:
    rows = rows_of(frame)
    turned = frame[["member", "color", "age", "income"]]
    assert (rows.encoding.encode(turned) == rows.x).all()
    with pytest.raises(
        DataError, match="x: column 'color' contains 'green', which is not one of its levels"
    ):
        rows.encoding.encode(frame.assign(color="green"))
    with pytest.raises(DataError, match="column 'income' has missing values"):
        rows.encoding.encode(frame.assign(income=NAN))


def test_too_many_levels_cannot_be_freed() -> None:
    frame = pd.DataFrame({"a": [f"l{i}" for i in range(1001)]})
    assert rows_of(frame).names == ("a",)
    with pytest.raises(ConfigurationError, match="1001 levels; at most 1000"):
        rows_of(frame, free={"a"})


def test_from_dict_refuses_what_as_dict_never_wrote() -> None:
    for table in ({}, {"columns": [{"kind": "number"}]}, {"columns": [{"kind": "category"}]}):
        with pytest.raises(DataError, match="describes no"):
            Encoding.from_dict(table)


def limits(frame: pd.DataFrame, **given: Any) -> dict[str, Any]:
    return encoded_limits(rows_of(frame, free=freed(given)).encoding.parts, given)


def test_codes_and_indicators_do_not_change_unless_they_are_freed(frame: pd.DataFrame) -> None:
    assert limits(frame) == {"immutable": ["age is missing", "color", "member"]}
    assert limits(frame, immutable=["color", "income"]) == {
        "immutable": ["color", "income", "age is missing", "member"]
    }
    found = limits(
        frame, weights={"age": 2.0, "age is missing": 10.0}, units={"age is missing": "raw"}
    )
    assert found == {
        "weights": {"age": 2.0, "age is missing": 10.0},
        "units": {"age is missing": "raw"},
        "integer": ["age is missing"],
        "immutable": ["color", "member"],
    }


def test_a_freed_category_is_a_group_and_each_level_has_its_budget(frame: pd.DataFrame) -> None:
    found = limits(frame, weights={"color": 10.0, "color=red": 20.0}, units={"color": "raw"})
    levels = ["color=blue", "color=red", "color is missing"]
    assert found["one_hot"] == [levels]
    assert found["weights"] == {"color=blue": 10.0, "color=red": 20.0, "color is missing": 10.0}
    assert found["units"] == dict.fromkeys(levels, "raw")
    assert found["immutable"] == ["age is missing", "member"]


def test_a_category_of_one_level_stays_what_it_is() -> None:
    frame = pd.DataFrame({"a": ["x", "x"], "b": [1, 2]})
    assert limits(frame, weights={"a": 3.0}) == {"immutable": ["a"]}


def test_plain_numbers_have_the_limits_that_were_given() -> None:
    given = {"immutable": ["a"], "bounds": {"b": {"low": 0.0}}, "weights": {"b": 2.0}}
    frame = pd.DataFrame({"a": [1, 2], "b": [1, 2]})
    assert limits(frame, **given) == Constraints.of(given).as_dict()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bounds": {"color": {"low": 0}}}, "'color' is a category, so 'low or high'"),
        ({"integer": ["member"]}, "'member' is a category, so 'integer'"),
        ({"increasing": ["color"]}, "so 'only' cannot apply"),
        ({"one_hot": [["color", "member"]]}, "so 'one_hot' cannot apply"),
        ({"weights": {"color=red": 1.0}}, "'color=red' is one level of the category 'color'"),
        ({"units": {"color is missing": "raw"}}, "one level of the category 'color'"),
    ],
)
def test_what_a_category_cannot_be_held_to_is_told(
    given: dict[str, Any], told: str, frame: pd.DataFrame
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        limits(frame, **given)


def test_a_budget_for_a_category_that_was_not_freed_is_told(frame: pd.DataFrame) -> None:
    with pytest.raises(ConfigurationError, match="was encoded as a category that does not change"):
        encoded_limits(rows_of(frame).encoding.parts, {"weights": {"color": 2.0}})
