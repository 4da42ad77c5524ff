from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError, UnknownNameError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.threat.threat_file.read import read_threat

WHOLE = """
norm = "l2"
eps = [0.1, 0.2]
unit = "std"
one_hot = [["red", "blue"]]

[features.age]
eps = 2
unit = "raw"
low = 18
integer = true
only = "up"

[features."net income"]
eps = 0.1
high = 1e5
only = "down"

[features.sex]
immutable = true

[features.rent]
integer = false
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        path = tmp_path / "threat.toml"
        path.write_text(text, encoding="utf-8")
        return read_threat(path)

    return read


def test_every_key_becomes_a_setting_of_a_run(read: Callable[[str], dict[str, Any]]) -> None:
    found = read(WHOLE)
    assert found == {
        "norm": "l2",
        "eps": (0.1, 0.2),
        "unit": "std",
        "constraints": {
            # by the largest of the file's ε
            "weights": {"age": 10.0, "net income": 0.5},
            "own_eps": {"age": 2.0, "net income": 0.1},
            "units": {"age": "raw"},
            "bounds": {"age": {"low": 18}, "net income": {"high": 1e5}},
            "immutable": ["sex"],
            "increasing": ["age"],
            "decreasing": ["net income"],
            "integer": ["age"],
            "continuous": ["rent"],
            "one_hot": [["red", "blue"]],
        },
    }
    assert "own_eps" in RunConfig(**{**found, "norm": "l0"}).constraints
    config = RunConfig(**found)
    assert "own_eps" not in config.constraints
    assert config.constraints["bounds"]["age"] == {"low": 18.0}
    assert config.eps == (0.1, 0.2)


def test_what_a_file_leaves_out_is_not_set(read: Callable[[str], dict[str, Any]]) -> None:
    assert read("") == {}
    assert read("eps = '0.1:0.3:3'\n[features.age]\n") == {"eps": pytest.approx((0.1, 0.2, 0.3))}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nrom = 'l2'", "there is no key 'nrom'; did you mean 'norm'"),
        ("norm = 'l3'", "there is no norm 'l3'; did you mean"),
        ("unit = 'rang'", "there is no unit 'rang'; did you mean 'range'"),
        ("[features.age]\neps_ = 1", "feature 'age' has no key 'eps_'; did you mean 'eps'"),
        ("[budget]\ncots = 3", r"\[budget\] has no key 'cots'; did you mean 'cost'"),
        ("[features.age]\nonly = 'upp'", "no direction 'upp' for feature 'age'; did you mean 'up'"),
        ("eps = 1\n[features.age]\neps = 1\nunit = 'sdt'", "no unit 'sdt' for feature 'age'; did"),
    ],
)
def test_an_unknown_word_names_the_file_and_the_nearest(
    text: str, message: str, read: Callable[[str], dict[str, Any]]
) -> None:
    with pytest.raises(UnknownNameError, match=rf"^threat file .*threat\.toml: .*{message}"):
        read(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eps = ", "is not valid TOML"),
        ("eps = []", r"eps is \[\]; it must be a number above 0"),
        (
            "eps = 0",
            "eps is 0; to let only some features change, give eps = 1, give these features",
        ),
        ("eps = -1", r"eps is -1\.0; it must be a number above 0"),
        ("eps = true", "eps is True; it must be a list of numbers"),
        ("features = 1", "features is 1; it must be a table for each feature"),
        ("[features]\nage = 1", "features.age is 1; it must be a table"),
        ("[features.age]\neps = 1", "eps of its own, but the file has none for the other features"),
        ("eps = 1\n[features.age]\neps = 0", "eps of feature 'age' is 0; it must be a number"),
        ("eps = 1\n[features.age]\neps = '1'", "eps of feature 'age' is '1'; it must be a number"),
        ("eps = 1\n[features.age]\nunit = 'raw'", "has the unit 'raw' but no eps of its own"),
        (
            "eps = 1\n[features.age]\neps = 3\nunit = 'percent'",
            "feature 'age' has the unit 'percent'; a budget is the same in every row.*share = 0.03",
        ),
        (
            "eps = 1\n[features.age]\nshare = 3",
            r"the share of feature 'age' is 3; .* up to 1, such",
        ),
        ("eps = 1\n[features.age]\nshare = 0", "the share of feature 'age' is 0; it must be"),
        ("eps = 1\n[features.age]\nshare = true", "the share of feature 'age' is True; it must"),
        (
            "[features.age]\nshare = 0.1",
            "'age' has a share, and the file has no eps for all others",
        ),
        ("eps = 1\n[features.age]\nshare = 0.1\nlow = 1", "share and a box of its own, and no eps"),
        ("eps = 1\n[features.age]\nshare = 0.1\nunit = 'raw'", "the unit 'raw' but no eps"),
        ("eps = 1\n[features.age]\nshare = 0.1\nimmutable = true", "immutable but has share = 0.1"),
        ("[features.age]\ninteger = 1", "integer of feature 'age' is 1; it must be true or false"),
        ("[features.age]\nlow = 'a'", "bound low of feature 'age' is 'a'"),
        ("[features.age]\nlow = 2\nhigh = 1", "are 2 to 1; low must be below high"),
        (
            "[features.age]\nlow = 2\nimmutable = true",
            "line 2: feature 'age' is immutable but has low = 2; remove",
        ),
        ("[features.age]\nonly = 'up'\nimmutable = true", "immutable but has only = 'up'"),
        ("eps = 1\n[features.age]\neps = 1\nimmutable = true", "immutable but has eps = 1"),
        ("one_hot = [['a', 'b']]\n[features.a]\ninteger = true", "by both one_hot and integer"),
        ("norm = 'l1'\n[features.age]\ncost = 0", r"line 3: the cost of feature 'age' is 0; it"),
        ("[features.age]\ncost = -2.5", r"line 2: the cost of feature 'age' is -2\.5; it must"),
        ("[features.age]\ncost = 'a'", r"the cost of feature 'age' is 'a'; it must be a number"),
        ("[features.age]\ncost = inf", r"the cost of feature 'age' is inf; it must be a number"),
        ("[features.age]\ncost = nan", r"the cost of feature 'age' is nan; it must be a number"),
        ("[features.age]\ncost = true", r"the cost of feature 'age' is True; it must be a num"),
        (
            "eps = 1\n[features.age]\neps = 1\ncost = 2",
            "line 4: feature 'age' has both a cost and an eps",
        ),
        ("[features.age]\ncost = 2\nimmutable = true", "immutable but has cost = 2"),
        ("norm = 'l2'\n[features.age]\ncost = 2", "line 3: .*costs do not add up .*'l1'"),
        ("[budget]", r"line 1: \[budget\] has no cost; give cost = NUMBER"),
        ("budget = 3", r"line 1: budget is 3; it must be a table, \[budget\]"),
        ("[budget]\ncost = 0", r"line 2: the cost of \[budget\] is 0; it must be a number above 0"),
        ("[budget]\ncost = []", r"the cost of \[budget\] is \[\]; it must be a number above 0"),
        ("[budget]\ncost = -3", r"the cost of \[budget\] is -3; it must be a number above 0"),
        ("eps = 1\n[budget]\ncost = 3", r"line 2: the file has both an eps and a \[budget\]"),
        ("norm = 'linf'\n[budget]\ncost = 3", r"line 2: .*the norm 'linf', under which costs do"),
        ("one_hot = ['a', 'b']", "one_hot has 'a'; it must be a list"),
        ("one_hot = 'a'", "one_hot is 'a'; it must be a list of lists"),
    ],
)
def test_a_wrong_or_contradictory_value_names_the_file(
    text: str, message: str, read: Callable[[str], dict[str, Any]]
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^threat file .*threat\.toml.*{message}"):
        read(text)


def test_a_budget_is_the_largest_sum_of_costs(read: Callable[[str], dict[str, Any]]) -> None:
    found = read(
        """
        one_hot = [["red", "green"], ["to_a", "to_b"]]
        [budget]
        cost = 100
        [features.age]
        cost = 3
        unit = "raw"
        [features.rent]
        [features.red]
        cost = 5
        [features.green]
        cost = 5
        """
    )
    assert found["norm"] == "l1"
    assert found["eps"] == (100.0,)
    costs = {"age": 3.0, "red": 5.0, "green": 5.0, "to_a": 1.0, "to_b": 1.0}
    assert found["constraints"]["costs"] == costs
    assert found["constraints"]["units"] == {"age": "raw"}
    assert read("[budget]\ncost = [1, 2]") == {"norm": "l1", "eps": (1.0, 2.0)}
    # what a feature's own ε is measured by
    assert read("[budget]\ncost = 4\n[features.a]\neps = 1")["constraints"] == {
        "weights": {"a": 0.25},
        "own_eps": {"a": 1.0},
    }


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml cannot be read: No such file"):
        read_threat(tmp_path / "gone.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(GenlabelRobustError, match=r"bytes\.toml is not valid TOML"):
        read_threat(tmp_path / "bytes.toml")
