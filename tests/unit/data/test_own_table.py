from __future__ import annotations

from pathlib import Path

import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.data.own_table import own_features, own_table


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "own.csv"
    file.write_text("age,color,label\n1.5,red,a\n,,b\n", encoding="utf-8")
    return str(file)


def test_every_column_is_kept_as_it_was_read(path: str) -> None:
    x, y = own_table(path, "label")
    assert list(x) == ["age", "color"]
    assert x["color"].isna().tolist() == [False, True]
    assert y.tolist() == ["a", "b"]
    assert list(own_table(path, "label", ["age"])[0]) == ["color"]


def test_a_reference_need_not_have_what_is_left_out(path: str) -> None:
    assert list(own_features(path, "label", ["age", "id"])) == ["color"]
    assert list(own_features(path, "y")) == ["age", "color", "label"]


def test_columns_that_are_not_there_are_told(path: str) -> None:
    with pytest.raises(UnknownNameError, match=r"no target column in .* 'lable'; did you mean"):
        own_table(path, "lable")
    with pytest.raises(UnknownNameError, match=r"no column to drop in .* 'id'"):
        own_table(path, "label", ["id"])
    with pytest.raises(ConfigurationError, match="is the target, and cannot be dropped"):
        own_table(path, "label", ["label"])
    with pytest.raises(DataError, match="there is no file"):
        own_table(f"{path}.csv", "label")
