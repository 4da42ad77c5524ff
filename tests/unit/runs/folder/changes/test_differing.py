"""Settings that differ between two runs, and lists that differ only in their order."""

from __future__ import annotations

from genlabel_robust.runs.folder.changes.differing import differing


def test_settings_that_differ_are_named_in_the_order_of_the_alphabet() -> None:
    assert differing({"b": 1, "a": 2, "c": 3}, {"b": 2, "a": 1, "c": 3}) == "a, b"


def test_a_setting_that_is_missing_on_one_side_differs() -> None:
    assert differing({"a": 1}, {"b": 2}) == "a, b"


def test_what_is_no_setting_is_named_in_words() -> None:
    known, wanted = {"given": "ab", "fingerprints": {}}, {"given": "cd", "fingerprints": {"x": 1}}
    assert differing(known, wanted) == "the data or the suite, the model"


def test_lists_of_the_same_entries_differ_in_their_order() -> None:
    assert differing({"strategies": ["a", "b", "c"]}, {"strategies": ["b", "a", "c"]}) == (
        "the order of strategies (a, b, c there; b, a, c here)"
    )


def test_lists_of_other_entries_are_not_said_to_differ_in_order() -> None:
    assert differing({"strategies": ["a", "b"]}, {"strategies": ["b", "c"]}) == "strategies"
    assert differing({"strategies": ["a", "a"]}, {"strategies": ["a"]}) == "strategies"
