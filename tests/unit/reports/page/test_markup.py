from __future__ import annotations

import pytest

from genlabel_robust.reports.page.markup import Markup, element, escape, joined, name, plain_name


def test_plain_text_is_escaped_and_markup_is_not() -> None:
    assert element("p", "<b>", Markup("<i></i>"), None) == "<p>&lt;b&gt;<i></i></p>"


def test_attributes_are_escaped_and_named_as_html_has_them() -> None:
    made = element("a", href="\"'><x", class_="n", aria_sort=None, open=True, hidden=False)
    assert made == '<a href="&quot;&#x27;&gt;&lt;x" class="n" open></a>'


def test_a_void_element_has_no_end() -> None:
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x00", "\x1b", "\x85", "\ud800"])
def test_what_cannot_be_seen_is_named(sign: str) -> None:
    assert escape(f"a{sign}b") == f"a[U+{ord(sign):04X}]b"
    escape(sign).encode()


def test_escaping_twice_changes_nothing() -> None:
    assert escape(escape("&")) == "&amp;"
    assert joined(["<", escape("<")]) == "&lt;&lt;"


def test_a_name_stands_apart_and_is_never_invisible() -> None:
    assert name("a") == "<bdi>a</bdi>"
    assert name("") == "<bdi>(no name)</bdi>"
    assert name("x" * 40) == f'<bdi class="long">{"x" * 40}</bdi>'


def test_a_very_long_name_keeps_its_beginning_and_its_end() -> None:
    shown = plain_name("a" * 500 + "z" * 500)
    assert len(shown) == 120
    assert shown.startswith("a" * 90)
    assert shown.endswith("…" + "z" * 29)
