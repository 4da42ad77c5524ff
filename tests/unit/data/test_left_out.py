from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.columns.cells import read_cells
from genlabel_robust.data.left_out import (
    empty_columns,
    identifiers_of_numbers,
    identifiers_of_text,
    left_out_notice,
)

N = 40


def texts(column: Any, name: str = "who", keep: tuple[str, ...] = ()) -> list[str]:
    return identifiers_of_text(read_cells(pd.DataFrame({name: column}), "t"), keep)


def numbers(column: Any, name: str, keep: tuple[str, ...] = ()) -> list[str]:
    return identifiers_of_numbers(read_cells(pd.DataFrame({name: column}), "t"), keep)


def test_texts_that_are_nearly_all_different_name_their_rows() -> None:
    names = [f"C{i}" for i in range(N)]
    assert texts(names) == ["who"]
    assert texts([*names[:-2], "C0", "C1"]) == ["who"]
    assert texts([*names[:-3], "C0", "C1", "C2"]) == []


def test_missing_cells_are_no_names() -> None:
    assert texts([*[f"C{i}" for i in range(25)], *[None] * 15]) == ["who"]
    assert texts([*[f"C{i}" for i in range(15)], *[None] * 25]) == []


def test_few_texts_that_are_all_different_are_so_by_chance_unless_they_are_called_so() -> None:
    assert texts(list("abcd")) == []
    assert texts(list("abcd"), "id") == ["id"]
    assert texts(list("abca"), "id") == []


def test_categories_of_a_pandas_type_and_truth_values() -> None:
    assert texts(pd.Categorical(range(N))) == ["who"]
    assert texts([True, False] * (N // 2), "row") == []


@pytest.mark.parametrize(
    "name", ["id", "customer_id", "CustomerID", "customerId", "Unnamed: 0", "row-number", "INDEX"]
)
def test_counters_with_such_a_name_number_their_rows(name: str) -> None:
    assert numbers(np.random.default_rng(0).permutation(N) + 1000, name) == [name]


@pytest.mark.parametrize("name", ["age", "idle", "grid", "video", "keyed", "income"])
def test_counters_with_another_name_may_be_measures(name: str) -> None:
    assert numbers(np.arange(N), name) == []


def test_numbers_that_repeat_or_lie_far_apart_are_no_counters() -> None:
    assert numbers([*range(N - 1), 0], "id") == []
    assert numbers(np.arange(N) * 1000, "id") == []
    assert numbers(np.arange(N) + 0.5, "id") == []


def test_what_is_to_be_kept_is_no_identifier() -> None:
    assert texts([f"C{i}" for i in range(N)], "who", ("who",)) == []
    assert numbers(np.arange(N), "id", ("id",)) == []


def test_empty_columns_are_found_and_cannot_be_kept() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, np.nan], "c": [None, None]})
    assert empty_columns(frame, (), "rows") == ["b", "c"]
    with pytest.raises(ConfigurationError, match="column 'b' cannot be kept"):
        empty_columns(frame, ("b",), "rows")


def test_the_notice_names_them_and_how_to_keep_them() -> None:
    assert left_out_notice([], 9) == []
    (one,) = left_out_notice(["id"], 3000)
    assert "1 column that looks like an identifier" in one
    assert "3,000 rows" in one
    assert "--keep 'id' would encode it." in one
    (two,) = left_out_notice(["id", "who"], 9)
    assert "2 columns that look like identifiers" in two
