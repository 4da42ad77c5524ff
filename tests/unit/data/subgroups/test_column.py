from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn

FRAME = pd.DataFrame(
    {
        "age": [30.0, np.nan, 50.0],
        "sex": ["f", "m", None],
        "member": [True, False, True],
        "grade": pd.Categorical(["b", "a", "b"], categories=["c", "b", "a"], ordered=True),
        "code": pd.Categorical([2.0, 10.0, 2.0]),
        "day": pd.to_datetime(["2020-01-01"] * 3),
        "y": [0, 1, 0],
    }
)


def chosen(name: str) -> GroupColumn:
    (column,) = group_columns(FRAME, [name], "y", "t.csv")
    return column


def test_a_column_of_numbers_has_its_numbers() -> None:
    column = chosen("age")
    np.testing.assert_array_equal(column.numbers, [30.0, np.nan, 50.0])


@pytest.mark.parametrize(
    ("name", "levels", "codes"),
    [
        ("sex", ("f", "m"), [0, 1, -1]),
        ("member", ("False", "True"), [1, 0, 1]),
        ("grade", ("c", "b", "a"), [1, 2, 1]),
        ("code", ("2", "10"), [0, 1, 0]),
    ],
)
def test_other_columns_have_levels_in_their_order(
    name: str, levels: tuple[str, ...], codes: list[int]
) -> None:
    column = chosen(name)
    assert column.levels == levels
    assert column.codes is not None
    assert column.codes.tolist() == codes


@pytest.mark.parametrize("name", ["age", "sex"])
def test_what_is_stored_as_json_comes_back(name: str) -> None:
    stored = json.loads(json.dumps(chosen(name).taken(np.array([2, 0])).as_dict()))
    again = GroupColumn.from_dict(stored)
    assert again.as_dict() == stored
    assert len(again) == 2


@pytest.mark.parametrize(
    "stored",
    [
        {"name": "a", "levels": ["x"], "codes": [1]},
        {"name": "a", "levels": ["x"], "codes": [-2]},
        {"name": "a", "numbers": [[1.0]]},
    ],
)
def test_what_cannot_be_a_column_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        GroupColumn.from_dict(stored)


def test_columns_that_cannot_group_are_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sex'"):
        group_columns(FRAME, ["sexe"], "y", "t.csv")
    with pytest.raises(UnknownNameError, match="''"):
        group_columns(FRAME, [""], "y", "t.csv")
    with pytest.raises(ConfigurationError, match=r"'y' of t\.csv is the target"):
        group_columns(FRAME, ["y"], "y", "t.csv")
    with pytest.raises(DataError, match="'day'"):
        group_columns(FRAME, ["day"], "y", "t.csv")
