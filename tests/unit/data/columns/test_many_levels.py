from __future__ import annotations

import pandas as pd
import pytest

from genlabel_robust.core.errors import DataError
from genlabel_robust.data.columns import many_levels
from genlabel_robust.data.columns.cells import Cells, read_cells
from genlabel_robust.data.columns.many_levels import many_levels_notice, refuse_many_levels


def cells(levels: int) -> list[Cells]:
    return read_cells(pd.DataFrame({"zip": [f"z{i}" for i in range(levels)] * 2}), "t")


def test_fifty_levels_are_not_many() -> None:
    assert many_levels_notice(cells(50)) == []
    (notice,) = many_levels_notice(cells(51))
    assert "'zip' (51)" in notice
    assert "--drop" in notice


def test_so_many_numbers_are_no_levels() -> None:
    numbers = read_cells(pd.DataFrame({"x": range(5000)}), "t")
    assert many_levels_notice(numbers) == []
    refuse_many_levels(numbers, (), "t")


def test_too_many_levels_are_refused_unless_they_are_to_be_kept() -> None:
    refuse_many_levels(cells(1000), (), "t")
    with pytest.raises(DataError, match=r"t: column 'zip' has 1,001 levels.*--keep 'zip'.*--drop"):
        refuse_many_levels(cells(1001), (), "t")
    refuse_many_levels(cells(1001), ("zip",), "t")


def test_what_is_kept_has_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_levels, "MOST_KEPT", 20)
    with pytest.raises(
        DataError, match=r"21 levels.*at most 20 are allowed; merge rare levels, or"
    ):
        refuse_many_levels(cells(21), ("zip",), "t")
