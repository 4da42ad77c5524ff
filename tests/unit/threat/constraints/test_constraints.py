from __future__ import annotations

from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.threat.constraints.constraints import Constraints, Rules

NAMES = ("age", "income", "rent", "red", "green", "blue")


def test_names_become_column_numbers() -> None:
    limits = Constraints(
        weights={"rent": 2},
        immutable=["blue"],
        increasing=["age"],
        decreasing=["rent"],
        integer=["age", "income"],
        one_hot=[["red", "green"]],
    )
    assert limits.rules(NAMES) == Rules((0,), (2,), (0, 1), ((3, 4),))


@pytest.mark.parametrize(
    "limits",
    [
        {"weights": {"incom": 2.0}},
        {"units": {"incom": "std"}},
        {"bounds": {"incom": {"low": 0}}},
        {"immutable": ("incom",)},
        {"increasing": ("incom",)},
        {"decreasing": ("incom",)},
        {"integer": ("incom",)},
        {"one_hot": (("red", "incom"),)},
    ],
)
def test_an_unknown_feature_names_the_nearest(limits: dict[str, Any]) -> None:
    with pytest.raises(UnknownNameError, match="no feature 'incom' to constrain; did you mean 'in"):
        Constraints(**limits).rules(NAMES)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"immutable": ("age",), "increasing": ("age",)}, "both immutable and increasing"),
        ({"immutable": ("age",), "decreasing": ("age",)}, "both immutable and decreasing"),
        ({"immutable": ("age",), "weights": {"age": 2.0}}, "both immutable and weights"),
        ({"increasing": ("age",), "decreasing": ("age",)}, "both increasing and decreasing"),
        ({"one_hot": (("red", "green"),), "integer": ("red",)}, "both one_hot and integer"),
        ({"one_hot": (("red", "green"),), "increasing": ("red",)}, "both one_hot and increasing"),
        ({"one_hot": (("red", "green"), ("red", "blue"))}, "'red' is in one_hot groups twice"),
        ({"one_hot": (("red",),)}, "fewer than two columns"),
        ({"one_hot": (("red", "green"),), "immutable": ("red",)}, "name all of its columns or"),
        ({"weights": {"age": 0}}, "above 0; if the feature must not change, make it immutable"),
        ({"weights": {"age": float("inf")}}, "weight of feature 'age' is inf"),
        ({"weights": {"age": True}}, "weight of feature 'age' is True"),
        ({"weights": ["age"]}, "must be a table"),
        ({"units": ["age"]}, "must be a table"),
        ({"bounds": ["age"]}, "must be a table"),
        ({"bounds": {"age": [0, 1]}}, "they must be low, high or both"),
        ({"bounds": {"age": {}}}, "they must be low, high or both"),
        ({"bounds": {"age": {"low": "0"}}}, "bound low of feature 'age' is '0'"),
        ({"bounds": {"age": {"low": float("-inf")}}}, "is -inf; it must be a number in raw"),
        ({"bounds": {"age": {"low": 2, "high": 2}}}, "are 2 to 2; low must be below high"),
        ({"immutable": ("age",), "bounds": {"age": {"low": 0}}}, "both immutable and bounds"),
        ({"immutable": ("age",), "units": {"age": "raw"}}, "both immutable and units"),
        ({"one_hot": (("red", "green"),), "bounds": {"red": {"low": 0}}}, "one_hot and bounds"),
        ({"integer": "age"}, "integer has 'age'; it must be a list"),
        ({"one_hot": "age"}, "list of lists"),
        ({"one_hot": ("age", "rent")}, "one_hot has 'age'; it must be a list"),
    ],
)
def test_contradictions_and_wrong_values_are_refused(limits: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Constraints(**limits)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"units": {"age": "rang"}}, "no unit of ε 'rang' for feature 'age'; did you mean 'range'"),
        ({"units": {"age": "global-range"}}, "no unit of ε 'global-range' for feature 'age'"),
        (
            {"bounds": {"age": {"hihg": 1}}},
            "no bound 'hihg' for feature 'age'; did you mean",
        ),
    ],
)
def test_unknown_units_and_bounds_name_the_nearest(limits: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        Constraints(**limits)


def test_an_immutable_group_and_an_immutable_whole_number_are_no_contradiction() -> None:
    limits = Constraints(
        immutable=("age", "red", "green"), integer=("age",), one_hot=(("red", "green"),)
    )
    assert limits.immutable == ("age", "red", "green")


def test_only_what_is_set_is_written_down() -> None:
    assert not Constraints()
    assert Constraints().as_dict() == {}
    limits = Constraints(
        weights={"age": 2},
        units={"age": "std"},
        bounds={"rent": {"high": 9, "low": 1}},
        one_hot=(("red", "green"),),
    )
    assert limits
    assert limits.as_dict() == {
        "weights": {"age": 2.0},
        "units": {"age": "std"},
        "bounds": {"rent": {"low": 1.0, "high": 9.0}},
        "one_hot": [["red", "green"]],
    }
    assert Constraints(**limits.as_dict()) == limits
