from __future__ import annotations

from pathlib import Path

import pytest

from genlabel_robust.core.errors import ConfigurationError, InputError
from genlabel_robust.core.files.parsing import (
    parsed_json,
    parsed_toml,
    parsed_toml_or_none,
    read_toml,
)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not valid JSON"),
        ("", "is not valid JSON"),
        ('{"a": NaN}', "contains NaN, which is not a number in JSON"),
        ("[-Infinity]", "contains -Infinity"),
        ("[1e999]", "holds the number 1e999, which is too large"),
        ("[" + "9" * 400 + "]", "holds the whole number 999999999999... of 400 digits"),
        ("[" + "9" * 5000 + "]", "of 5,000 digits, beyond 64 bits"),
        ("[9223372036854775808]", "beyond 64 bits"),
        ('{"a": 1, "a": 2}', "has the key 'a' twice in one table"),
        (nested(65), "is nested deeper than 64 levels"),
        (nested(100_000), "is nested deeper than 64 levels"),
        (r'["\ud800"]', "holds half of a character"),
    ],
    ids=lambda value: value[:20],
)
def test_json_that_cannot_be_used_is_refused_in_one_sentence(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed_json(text.encode(), "r.json")
    assert str(caught.value).startswith("r.json ")
    assert told in str(caught.value)


def test_json_is_read_as_it_is() -> None:
    text = r'{"a": [1, -9223372036854775807, 0.5, true, null, "\u00e9\ud83d\ude00"], "b": {}}'
    assert parsed_json(text.encode(), "x") == {
        "a": [1, -(2**63 - 1), 0.5, True, None, "é😀"],
        "b": {},
    }
    assert parsed_json(nested(64).encode(), "x")


def test_bytes_that_are_no_text_are_no_json() -> None:
    with pytest.raises(InputError, match="it is not UTF-8 text"):
        parsed_json(b'"\xff"', "x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = ", "is not valid TOML"),
        ("a = " + "9" * 400, "holds a whole number beyond 64 bits"),
        ("a = " + "9" * 5000, "holds a whole number beyond 64 bits"),
        ("a = 0x" + "f" * 9000, "holds a whole number beyond 64 bits"),
        ("a = " + nested(70), "is nested deeper than 64 levels"),
        ("a = " + nested(30_000), "is nested deeper than 64 levels"),
    ],
    ids=lambda value: value[:20],
)
def test_toml_that_cannot_be_used_is_refused_in_one_sentence(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"t.toml {told}"):
        parsed_toml(text, "t.toml", error=ConfigurationError)


def test_toml_is_read_and_what_is_none_is_told_apart_from_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = [1, inf]\n")
    assert read_toml(tmp_path / "a.toml") == {"a": [1, float("inf")]}
    assert parsed_toml_or_none("a = b", "--set a") is None
    with pytest.raises(ConfigurationError, match="--set a holds a whole number beyond 64 bits"):
        parsed_toml_or_none("a = " + "1" * 400, "--set a")
