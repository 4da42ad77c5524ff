"""How many correct predictions an attacker changes: in general, and for each class."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from genlabel_robust.reports.page.sections.verdict import answer_box
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.text.terminal import terminal_report
from genlabel_robust.reports.words.answer.turned import about_turned, share_turned, turned_of
from genlabel_robust.reports.words.answer.verdict import verdict
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ClassRow
from genlabel_robust.statistics.wilson import wilson
from tests.unit.reports.words.answer.test_verdict import estimate, of_counts

RELATIONS = ["a <= b", "b <= c", "c <= d", "d <= e", "e <= f"]


def of_classes(
    results: dict[str, Any], opened: int | None, *classes: tuple[str, int, int, int]
) -> Results:
    """Return a run of one model; ``classes``: name, and numbers of rows, correct and broken."""
    right, broken = (sum(one[at] for one in classes) for at in (2, 3))
    n = sum(one[1] for one in classes)
    made = of_counts(results, right, broken, opened, n)
    made["rows"][0]["per_class"] = [
        {
            "class": name,
            "n_examples": rows,
            "clean_accuracy": estimate(good, rows),
            "robust_accuracy": estimate(good - lost, rows),
        }
        for name, rows, good, lost in classes
    ]
    made["datasets"]["two"]["classes"] = [one[0] for one in classes]
    return Results(made)


def said(results: Results) -> list[str]:
    return [*about_turned(results, results.rows[0])]


def test_the_share_has_wilsons_interval_over_the_right_answers() -> None:
    found = share_turned(11, 212)
    assert found.method == "wilson"
    assert (found.low, found.high) == pytest.approx(wilson(11 / 212, 212, 1.959963984540054))
    assert share_turned(0, 5).low == 0.0


def test_counts_of_two_classes_say_what_becomes_what(results: dict[str, Any]) -> None:
    found = of_classes(results, 0, ("bad", 139, 82, 5), ("good", 176, 130, 6))
    assert said(found) == [
        "For rows like these, between 2.9 % and 9.1 % of the right answers can be turned "
        "(Wilson's 95 % interval over the 212 that are right here).",
        "By class: 5 of 82 right “bad” become “good” (6 %, 95 % interval 2.6–13.5); "
        "6 of 130 right “good” become “bad” (5 %, 95 % interval 2.1–9.7).",
    ]


def test_between_two_counts_the_interval_reaches_from_the_lower_to_the_higher(
    results: dict[str, Any],
) -> None:
    open_, by_class = said(of_classes(results, 3, ("no", 10, 8, 2), ("yes", 10, 8, 0)))
    low, high = 100 * share_turned(2, 16).low, 100 * share_turned(5, 16).high
    assert f"between {low:.1f} % and {high:.1f} % of the right answers can be turned" in open_
    assert by_class == (
        "By class: at least 2 of 8 right “no” become “yes”; none of 8 right “yes” becomes “no”."
    )


def test_without_proofs_there_are_counts_and_no_interval(results: dict[str, Any]) -> None:
    (only,) = said(of_classes(results, None, ("no", 10, 8, 2), ("yes", 10, 8, 1)))
    assert only.startswith("By class: at least 2 of 8 right “no” become “yes”;")
    assert "interval" not in only


def test_of_many_classes_those_that_lose_most_are_named(results: dict[str, Any]) -> None:
    classes = [(f"c{i}", 10, 10, i) for i in range(6)]
    found = said(of_classes(results, 0, *classes))[1]
    assert found.startswith("By class: 5 of 10 right “c5” become another class (50 %, ")
    assert "“c1”" not in found
    assert found.endswith("; 2 more classes are listed under “Per class” in the report.")


def test_of_several_seeds_nothing_is_said(results: dict[str, Any]) -> None:
    assert said(Results(results)) == []


def test_a_class_without_a_right_answer_has_none_that_is_turned() -> None:
    one = ClassRow.from_dict(
        {
            "class": "no",
            "n_examples": 7,
            "clean_accuracy": estimate(0, 7),
            "robust_accuracy": estimate(0, 7),
        }
    )
    assert (turned_of(one).right, turned_of(one).broken, turned_of(one).share) == (0, 0, 0.0)


def test_terminal_and_markdown_have_the_counts(results: dict[str, Any]) -> None:
    found = of_classes(results, 0, ("bad", 139, 82, 5), ("good", 176, 130, 6))
    file = io.StringIO()
    Console(width=400, file=file).print(terminal_report(found))
    for text in (file.getvalue(), markdown_report(found)):
        assert "5 of 82 right “bad” become “good”" in text


def test_relations_stand_under_the_verdict(results: dict[str, Any]) -> None:
    found = of_counts(results, 16, 4, 0)
    found["threat"]["constraints"] = {"relations": RELATIONS}
    words = "The relations: a <= b; b <= c; c <= d; d <= e; and 1 more."
    assert verdict(Results(found)).lines[-1] == words
    assert "The relations: a &lt;= b; b &lt;= c;" in answer_box(Results(found))
    assert words in markdown_report(found).partition("\n## ")[0]
    found["threat"]["constraints"] = {"relations": RELATIONS[:1]}
    assert verdict(Results(found)).relations == "The relation: a <= b."
    found["threat"]["constraints"] = {}
    assert verdict(Results(found)).relations == ""
