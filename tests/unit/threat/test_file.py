from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError, UnknownNameError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.threat.file import read_threat

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
    config = RunConfig(**found)
    assert config.constraints["bounds"]["age"] == {"low": 18.0}
    assert config.eps == (0.1, 0.2)


def test_what_a_file_leaves_out_is_not_set(read: Callable[[str], dict[str, Any]]) -> None:
    assert read("") == {}
    assert read("eps = '0.1:0.3:3'\n[features.age]\n") == {"eps": pytest.approx((0.1, 0.2, 0.3))}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nrom = 'l2'", "no key of a threat file 'nrom'; did you mean 'norm'"),
        ("norm = 'l3'", "there is no norm 'l3'; did you mean"),
        ("unit = 'rang'", "there is no unit 'rang'; did you mean 'range'"),
        ("[features.age]\neps_ = 1", "no key of feature 'age' 'eps_'; did you mean 'eps'"),
        ("[features.age]\nonly = 'upp'", "no direction of feature 'age' 'upp'; did you mean 'up'"),
        ("eps = 1\n[features.age]\neps = 1\nunit = 'sdt'", "no unit of feature 'age' 'sdt'; did"),
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
        ("eps = -1", r"eps is -1\.0; it must be a number above 0"),
        ("eps = true", "eps is True; it must be a list of numbers"),
        ("features = 1", "features is 1; it must be a table for each feature"),
        ("[features]\nage = 1", "features.age is 1; it must be a table"),
        ("[features.age]\neps = 1", "eps of its own, and the file has none for all others"),
        ("eps = 1\n[features.age]\neps = 0", "eps of feature 'age' is 0; it must be a number"),
        ("eps = 1\n[features.age]\neps = '1'", "eps of feature 'age' is '1'; it must be a number"),
        ("eps = 1\n[features.age]\nunit = 'raw'", "has the unit 'raw' and no eps of its own"),
        ("[features.age]\ninteger = 1", "integer of feature 'age' is 1; it is true or false"),
        ("[features.age]\nlow = 'a'", "bound low of feature 'age' is 'a'"),
        ("[features.age]\nlow = 2\nhigh = 1", "are 2 to 1; low must be below high"),
        ("[features.age]\nlow = 2\nimmutable = true", "'age' is immutable and has low = 2; it"),
        ("[features.age]\nonly = 'up'\nimmutable = true", "immutable and has only = 'up'"),
        ("eps = 1\n[features.age]\neps = 1\nimmutable = true", "immutable and has eps = 1"),
        ("one_hot = [['a', 'b']]\n[features.a]\ninteger = true", "by both one_hot and integer"),
        ("one_hot = ['a', 'b']", "one_hot has 'a'; it must be a list"),
        ("one_hot = 'a'", "one_hot is 'a'; it must be a list of lists"),
    ],
)
def test_a_wrong_or_contradictory_value_names_the_file(
    text: str, message: str, read: Callable[[str], dict[str, Any]]
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^threat file .*threat\.toml.*{message}"):
        read(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml cannot be read: No such file"):
        read_threat(tmp_path / "gone.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(GenlabelRobustError, match=r"bytes\.toml is not valid TOML"):
        read_threat(tmp_path / "bytes.toml")
