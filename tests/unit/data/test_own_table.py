from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.data.own_table import own_features, own_table


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "own.csv"
    file.write_text("age,color,label\n1.5,red,a\n,,b\n", encoding="utf-8")
    return str(file)


def test_every_column_is_kept_as_it_was_read(path: str) -> None:
    table = own_table(path, "label")
    assert list(table.x) == ["age", "color"]
    assert table.x["color"].isna().tolist() == [False, True]
    assert table.y is not None
    assert table.y.tolist() == ["a", "b"]
    assert table.notices == ()
    assert list(own_table(path, "label", ["age"]).x) == ["color"]


def test_a_reference_need_not_have_what_is_left_out(path: str) -> None:
    table = own_features(path, "label", ["age", "id"])
    assert list(table.x) == ["color"]
    assert table.y is not None
    assert table.y.tolist() == ["a", "b"]
    table = own_features(path, "y")
    assert list(table.x) == ["age", "color", "label"]
    assert table.y is None
    # a target that is to be left out is the other table's matter
    assert own_features(path, "y", ["y"]).y is None


def test_columns_that_are_not_there_are_told(path: str) -> None:
    with pytest.raises(UnknownNameError, match="has no target column 'lable'; did you mean"):
        own_table(path, "lable")
    with pytest.raises(UnknownNameError, match="has no column 'id' to drop"):
        own_table(path, "label", ["id"])
    with pytest.raises(ConfigurationError, match="is the target, and cannot be dropped"):
        own_table(path, "label", ["label"])
    with pytest.raises(DataError, match="there is no file"):
        own_table(f"{path}.csv", "label")


CELLS = """age,kind,flag,note,label,gone
1.5,None,True,"a, b",NA,None
NA,car,,None,x,None
2.5,N/A,False,,x,None
,None,True,"",y,None
3,,NA,plain,y,None
"""


@pytest.fixture
def gaps(tmp_path: Path) -> Path:
    file = tmp_path / "gaps.csv"
    file.write_text(CELLS, encoding="utf-8")
    return file


@pytest.mark.parametrize("read", [own_table, own_features])
def test_texts_that_are_read_as_missing_are_told(gaps: Path, read: Any) -> None:
    table = read(str(gaps), "label")
    assert table.notices == (
        "In column 'kind' of gaps.csv, 'N/A', 'None' were read as missing values (3 rows); if they "
        "are values, store the table as Parquet, or write other words.",
        "In column 'note' of gaps.csv, 'None' was read as a missing value (1 row); if it is a "
        "value, store the table as Parquet, or write another word.",
    )
    assert table.x["kind"].isna().tolist() == [True, False, True, True, True]
    (told,) = read(str(gaps), "label", ["kind"]).notices
    assert told.startswith("In column 'note'")


def test_parquet_says_what_is_missing(gaps: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(gaps, keep_default_na=False, dtype=str)
    path = gaps.with_suffix(".parquet")
    frame.to_parquet(path)
    table = own_table(str(path), "label")
    assert table.notices == ()
    assert table.x["kind"].tolist() == ["None", "car", "N/A", "None", ""]
