"""Which columns count as integers, given how their source writes them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genlabel_robust.data.columns.cells import read_cells
from genlabel_robust.data.columns.whole_numbers import whole_by_schema, whole_columns
from genlabel_robust.data.load import load_task
from genlabel_robust.data.rows import rows_of
from genlabel_robust.data.sources.files import read_frame
from genlabel_robust.data.splitting.splits import SplitConfig

CSV = """age,blank,point,late,science,tiny,half,text,truth,padded,none,label
31,5,5.0,5,1e3,1e-3,1.5,a,True, 7,,x
32,,6,6,99999,2,2.5,b,False,8,,y
33,7,7,7.0,NA,3,3.5,c,True, 9 ,,x
"""


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_in_csv_the_text_of_the_cells_decides(csv: Path) -> None:
    """A blank makes floats of whole numbers in pandas, and one 5.0 a column of measures."""
    whole = whole_columns(read_frame(csv), csv)
    assert whole == {"age", "blank", "science", "truth", "padded"}


def test_columns_that_were_dropped_do_not_shift_the_text_of_the_others(csv: Path) -> None:
    frame = read_frame(csv).drop(columns=["age", "point"])
    assert whole_columns(frame, csv) == {"blank", "science", "truth", "padded"}


def test_in_memory_the_type_decides_and_not_the_values() -> None:
    frame = pd.DataFrame(
        {
            "int": np.arange(3),
            "small": np.arange(3, dtype=np.uint8),
            "bool": [True, False, True],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "objects": pd.Series([1, None, 3], dtype=object),
            "float": [1.0, 2.0, 3.0],
            "blank": [1.0, np.nan, 3.0],
            "mixed": pd.Series([1, 2.5, 3], dtype=object),
            "written": ["1", "2", "30"],
            "pointed": ["1", "2.0", "3"],
        }
    )
    expected = {"int", "small", "bool", "nullable", "objects", "written"}
    assert whole_columns(frame) == expected


def test_in_parquet_the_type_of_the_file_decides(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    table = {"whole": pa.array([1, None, 3], pa.int32()), "float": pa.array([1.0, None, 3.0])}
    pq.write_table(pa.table(table), path)
    frame = read_frame(path)
    assert frame["whole"].dtype == np.float64
    assert whole_columns(frame, path) == {"whole"}


def test_frames_of_other_libraries_are_asked_for_their_own_types() -> None:
    arrow = pa.table({"a": pa.array([1, None]), "b": pa.array([1.0, None])})
    assert whole_by_schema(arrow) == {"a"}
    assert [cells.whole for cells in read_cells(arrow, "x")] == [True, False]
    polars = SimpleNamespace(
        schema={}, columns=["a", "b", "c"], dtypes=["Int64", "Float64", "UInt8"]
    )
    assert whole_by_schema(polars) == {"a", "c"}


@pytest.mark.parametrize(
    ("x", "whole"),
    [
        (np.arange(6).reshape(3, 2), [True, True]),
        (np.arange(6, dtype=np.uint8).reshape(3, 2), [True, True]),
        (np.array([[True, False], [False, True]]), [True, True]),
        (np.arange(6.0).reshape(3, 2), [False, False]),
        (np.array([[1, 1.0], [2, 2.0], [None, 3.0]], dtype=object), [True, False]),
    ],
)
def test_of_an_array_the_type_decides(x: Any, whole: list[bool]) -> None:
    assert [cells.whole for cells in read_cells(x, "x")] == whole


def test_a_column_is_whole_if_it_is_in_both_tables() -> None:
    x = pd.DataFrame(
        {"a": [1, 2], "b": [1, 2], "c": [1.0, 2.0], "d": [None, None], "e": ["u", "v"]}
    )
    reference = pd.DataFrame(
        {"a": [3, 4], "b": [3.0, 4.0], "c": [3, 4], "d": [3, 4], "e": ["u", "v"]}
    )
    assert rows_of(x, reference, continuous=()).whole == ("a", "d")
    assert rows_of(x, reference, continuous=("a",)).whole == ("d",)
    assert rows_of(x, reference, continuous=None).whole == ()
    assert rows_of(x, reference, continuous=(), in_source=({"c"}, {"b"})).whole == (
        "a",
        "b",
        "c",
        "d",
    )


def test_a_whole_column_keeps_its_type_for_the_model() -> None:
    x = pd.DataFrame({"a": np.array([1, 2], dtype=np.int32), "b": [0.5, 1.5]})
    encoding = rows_of(x, continuous=()).encoding
    shown = encoding.frame(np.array([[3.0, 0.25]]))
    assert shown["a"].dtype == np.int32
    assert rows_of(x, continuous=None).encoding.frame(np.array([[3.5, 0.25]]))["a"][0] == 3.5


def test_a_task_knows_its_whole_columns_if_it_is_asked_and_its_hash_tells(tmp_path: Path) -> None:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("a,b,label\n" + "".join(f"{i},{i},{'xy'[i % 2]}\n" for i in range(12)))
    test.write_text("a,b,label\n1,1.0,x\n2,2,y\n")
    spec = f"{train}#label"
    free = load_task(spec, SplitConfig(), "range")
    whole = load_task(spec, SplitConfig(), "range", whole_numbers=True)
    assert (free.whole, whole.whole) == ((), ("a", "b"))
    assert free.content_hash != whole.content_hash
    held_out = SplitConfig(test_file=str(test))
    assert load_task(spec, held_out, "range", whole_numbers=True).whole == ("a",)


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "digits"])
def test_the_tables_that_come_with_scikit_learn_are_floats(name: str) -> None:
    free, asked = (
        load_task(name, SplitConfig(), "range", whole_numbers=whole) for whole in (False, True)
    )
    assert asked.whole == ()
    assert asked.content_hash == free.content_hash
