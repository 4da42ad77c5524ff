"""Text columns whose cells are all or partly numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.data.columns.text_numbers import (
    as_numbers,
    checked,
    is_meant,
    is_plain,
    reading_of,
)
from genlabel_robust.data.load import load_table, load_task
from genlabel_robust.data.own_table import own_table
from genlabel_robust.data.splitting.splits import SplitConfig


@pytest.mark.parametrize("text", ["1", "-1.5", "+3", ".5", "2.", "1e5", "1E-3", " 7", "7 ", "7\t"])
def test_what_a_csv_reader_takes_for_a_number_is_plain(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f'a\n"{text}"\n1\n', encoding="utf-8")
    assert pd.api.types.is_numeric_dtype(pd.read_csv(tmp_path / "t.csv")["a"].dtype)
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "1_000",
        "1\u00a0",
        "\u00a01",
        "1\u2009000",
        "1 000",
        "1,000",
        "1,5",
        "1.000,5",
        "12 %",
        "\u0663",
        "\u22125",
        "'5",
        "\uff11",
    ],
)
def test_what_only_a_person_takes_for_a_number_is_not_plain(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f'a\n"{text}"\n1\n', encoding="utf-8")
    assert not pd.api.types.is_numeric_dtype(pd.read_csv(tmp_path / "t.csv")["a"].dtype)
    assert not is_plain(text)
    assert is_meant(text)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0x1F", "inf", "nan", "?", "2020-01-01", "20-30", "<5", "1.2.3", "+-1", "1e"],
)
def test_what_nobody_takes_for_a_number_is_none(text: str) -> None:
    assert not is_plain(text)
    assert not is_meant(text)


@pytest.mark.parametrize(
    "odd", ["1_000", "4\u00a0", "1,5", "12 %", "0x1F", "nan", "inf", "?", "-", "unknown", "\u0663"]
)
def test_one_odd_cell_among_numbers_is_an_error_that_shows_it(odd: str) -> None:
    frame = pd.DataFrame({"a": ["1", "2", odd, "4"], "b": ["x", "y", "1", "z"]})
    with pytest.raises(DataError) as caught:
        checked(frame, (), "t.csv")
    told = str(caught.value)
    shown = ascii(odd) if is_meant(odd) else repr(odd)
    assert f"column 'a' (1 cell of 4, such as {shown} in row 2)" in told
    assert "--category a (in Python: category=['a'])" in told
    assert "'b'" not in told


def test_missing_cells_are_not_counted_and_marks_for_them_are_not_either() -> None:
    marks = reading_of(pd.Series(["?", "?", "?", "5", None]))
    assert marks is not None
    assert (marks.n, marks.n_odd, marks.doubtful) == (4, 3, True)
    words = reading_of(pd.Series(["5", "low", "high", None]))
    assert words is not None
    assert not words.doubtful


def test_a_column_all_of_which_a_person_reads_as_numbers_is_doubtful_too() -> None:
    with pytest.raises(DataError, match=r"column 'a' \(2 cells of 2, such as '1,5' in row 0"):
        checked(pd.DataFrame({"a": ["1,5", "2,5"]}), (), "x")


def test_a_column_that_is_said_to_be_text_is_text() -> None:
    frame = pd.DataFrame({"a": ["1", "?", "2"], "n": [1.0, 2.5, np.nan], "b": [True, False, True]})
    text, found = checked(frame, ("a", "n", "b"), "x")
    assert text["a"].tolist() == ["1", "?", "2"]
    assert text["n"].tolist()[:2] == ["1", "2.5"]
    assert text["n"].isna().tolist() == [False, False, True]
    assert text["b"].tolist() == ["True", "False", "True"]
    assert not found
    assert frame["n"].tolist()[0] == 1.0


def test_a_declared_category_is_left_alone() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["1", "2", "?"])})
    assert checked(frame, (), "x")[1] == {}


def test_a_column_of_text_must_exist_and_an_array_has_none() -> None:
    with pytest.raises(UnknownNameError, match="x has no column 'c' to read as text"):
        checked(pd.DataFrame({"a": [1.0]}), ("c",), "x")
    with pytest.raises(ConfigurationError, match="x is an array, whose columns have no names"):
        checked(np.zeros((2, 2)), ("a",), "x")


def test_text_becomes_the_numbers_that_it_reads_as() -> None:
    found = as_numbers(pd.Series(["1", " 2.5 ", None, "1e3"], index=[3, 1, 2, 0]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found.to_numpy(), [1.0, 2.5, np.nan, 1000.0])


def test_a_csv_file_keeps_a_column_of_text_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("zip,y\n007,a\n010,b\n,a\n", encoding="utf-8")
    x = own_table(str(path), "y", (), ("zip",)).x
    assert x["zip"].tolist()[:2] == ["007", "010"]
    assert x["zip"].isna().tolist() == [False, False, True]


def _table(path: Path, cells: list[Any]) -> str:
    n = len(cells)
    frame = pd.DataFrame({"a": cells, "b": np.arange(n) % 7, "y": np.arange(n) % 2})
    frame.to_parquet(path / "t.parquet")
    return f"{path / 't.parquet'}#y"


def test_training_data_with_an_odd_cell_are_refused(tmp_path: Path) -> None:
    spec = _table(tmp_path, [*map(str, range(19)), "4\u00a0"])
    with pytest.raises(
        DataError, match=r"t.parquet#y has cells that are not numbers .* column 'a' \(1 cell of 20"
    ):
        load_table(spec)
    table = load_table(spec, category=("a",), keep=("a",))
    assert len(table.feature_names) == 21
    assert table.feature_names[:2] == ("a=0", "a=1")


def test_training_data_of_text_that_is_numbers_are_numbers_and_said_to_be(tmp_path: Path) -> None:
    spec = _table(tmp_path, [*map(str, range(20))])
    table = load_table(spec)
    assert table.feature_names == ("a", "b")
    assert table.x[:, 0].tolist() == [*range(20)]
    assert "'a' holds text that reads as numbers in every cell" in table.notices[0]
    assert load_table(spec, category=("a",), keep=("a",)).feature_names[:2] == ("a=0", "a=1")


def test_a_test_file_with_an_odd_cell_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(20.0), "y": np.arange(20) % 2})
    frame.to_csv(tmp_path / "train.csv", index=False)
    frame = frame.astype({"a": object})
    frame.loc[3, "a"] = "1_000"
    frame.to_csv(tmp_path / "test.csv", index=False)
    split = SplitConfig(test_file=str(tmp_path / "test.csv"))
    with pytest.raises(
        DataError, match=r"test.csv#y has cells that are not numbers .* '1_000' in row 3"
    ):
        load_task(f"{tmp_path / 'train.csv'}#y", split, "range")


def test_a_column_of_text_of_training_data_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="there is no column 'c' to read as text"):
        load_table(_table(tmp_path, [*range(20)]), category=("c",))
