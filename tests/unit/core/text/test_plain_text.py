from __future__ import annotations

import json

import pytest

from genlabel_robust.core.text.plain_text import (
    MARK,
    plain,
    plain_json,
    plain_line,
    plain_lines,
    plain_values,
    shown,
)

EVIL = "a\n::error file=x::pwn\x1b[31m\x9b2J\u202eb"


def test_no_line_break_no_escape_and_no_mark_of_direction_is_left() -> None:
    assert plain(EVIL) == f"a{MARK}::error file=x::pwn{MARK}[31m{MARK}2J{MARK}b"
    assert plain("café ε ✅ 1–2 %") == "café ε ✅ 1–2 %"


@pytest.mark.parametrize("line", ["::error::x", "  ::warning::x", "\u2028::x"])
def test_a_line_does_not_begin_as_a_command(line: str) -> None:
    assert plain_line(line).startswith(MARK) or not plain_line(line).lstrip().startswith("::")
    assert not plain_line(line).lstrip().startswith("::")


def test_lines_and_tabs_of_our_own_stay() -> None:
    assert plain_lines("a\tb\n\nc\n") == "a\tb\n\nc\n"
    assert plain_lines("a\n::set-output::x\r\x1b\n") == f"a\n{MARK}::set-output::x{MARK}{MARK}\n"


def test_values_are_made_plain_throughout() -> None:
    assert plain_values({"a\n": ["::x", 1, None, {"b": "\x1b"}]}) == {
        f"a{MARK}": [f"{MARK}::x", 1, None, {"b": MARK}]
    }


def test_json_keeps_its_value() -> None:
    value = {"name": "a\x7f\x9b\u2028b", "n": [1, "é"]}
    text = json.dumps(value, indent=1, ensure_ascii=False)
    assert json.loads(plain_json(text)) == value
    assert all(sign.isprintable() or sign == "\n" for sign in plain_json(text))


def test_a_value_is_shown_whole_or_cut() -> None:
    assert shown(["up"]) == "['up']"
    assert shown("x" * 200) == repr("x" * 200)[:80] + "..."
    assert shown(10**5000) == "a whole number of 16,610 bits"
