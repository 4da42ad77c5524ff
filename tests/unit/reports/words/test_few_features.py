"""The sentences about single features in the terminal, Markdown and tables."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, Group

from genlabel_robust.reports.page.sections.few_features import feature_chart
from genlabel_robust.reports.tables.few_features import few_features_of_models, few_features_table
from genlabel_robust.reports.text.few_features import few_features_parts
from genlabel_robust.reports.text.markdown_few_features import few_features_lines
from genlabel_robust.reports.words.few_features import answers
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn
from genlabel_robust.runs.results.row import Row

GAIN = SingleColumn("capital_gain", 37, 0, 50, {"up": 37}, 69.0, 999.0)
AGE = SingleColumn("age", 8, 0, 20, {"up": 5, "down": 3}, 2.0, 3.0)
JOB = SingleColumn("job", 0, 4, 3)
EXACT = FewFeaturesRow(128, 40, 0, (AGE, GAIN), {"1": 40, "2": 23, "3": 8, "4": 4, "5": 2}, 63)


def row(few: FewFeaturesRow | None, **fields: Any) -> Row:
    plain = Row("d", "mixup", "mlp", 0.1, "linf", "range", 150, 1, {}, ())
    return replace(plain, few_features=few, **fields)


def test_the_answer_comes_first_and_says_which_feature_and_which_way() -> None:
    assert answers(row(EXACT)) == [
        "One feature alone breaks 40 of 128 correct rows (31 %): capital_gain (upward) breaks 37, "
        "by a median change of 999.",
        "After every unneeded change is undone, 77 adversarial examples still change 1 feature "
        "(40), 2 features (23), 3 features (8) or more (6); for 63 of them fewer features cannot "
        "suffice.",
    ]


def test_what_was_found_and_not_proved_is_said_so() -> None:
    found = replace(EXACT, open=4, columns=(AGE, GAIN, JOB), left_out=2)
    first, *_, last = answers(row(found))
    assert first.startswith("One feature alone breaks at least 40 of 128 correct rows")
    assert first.endswith("; for 4 others this is not known.")
    assert last.startswith("2 answers were left out of the search")
    nothing = FewFeaturesRow(128, 0, 4, (JOB,), {}, 0)
    assert answers(row(nothing)) == [
        "No feature alone was found to break any of 128 correct rows; for 4 of them this is not "
        "known."
    ]


def test_where_no_feature_alone_suffices_that_is_the_answer() -> None:
    none = FewFeaturesRow(128, 0, 0, (replace(JOB, open=0),), {"2": 3}, 3)
    assert answers(row(none, n_seeds=5)) == [
        "No feature alone breaks any of 128 correct answers over 5 seeds.",
        "After every unneeded change is undone, 3 adversarial examples still change 2 features "
        "(3); fewer features cannot suffice.",
    ]
    assert answers(row(None)) == []


@pytest.mark.parametrize("mark", ["\x1b[31m", "a\nb", "[red]"])
def test_a_feature_of_any_name_is_shown_as_text(mark: str) -> None:
    told = answers(row(replace(EXACT, columns=(replace(GAIN, name=mark),))))[0]
    assert told.isprintable()


def printed(rows: list[Row], width: int = 110) -> str:
    stream = StringIO()
    Console(file=stream, width=width, color_system=None).print(Group(*few_features_parts(rows)))
    return stream.getvalue()


def test_the_terminal_has_a_bar_for_each_feature_that_breaks_something() -> None:
    shown = printed([row(replace(EXACT, columns=(AGE, GAIN, replace(JOB, moved=0))))])
    gain, age = (next(x for x in shown.splitlines() if x.startswith(n)) for n in ("capital", "age"))
    assert gain.count("█") > age.count("█")
    assert "upward; exact" in gain
    assert "upward 5, downward 3; exact" in age
    assert "1 other feature in the report" in shown
    assert shown.index("One feature alone") < shown.index("age ")


def test_the_bars_fit_a_terminal_of_80_columns_whatever_names_are_called() -> None:
    long = replace(GAIN, name="n" * 50, median=-123456.7, toward={"up": 1234, "down": 1234})
    shown = printed([row(replace(EXACT, columns=(long, AGE, replace(JOB, moved=3))))], width=200)
    (first,) = (line for line in shown.splitlines() if line.startswith("nnn"))
    assert all(
        len(line.rstrip()) <= 80 for line in shown.splitlines() if "█" in line or "·" in line
    )
    assert "…" in first


def test_several_models_have_a_line_each() -> None:
    rows = [row(EXACT), row(replace(EXACT, broken=10), strategy="vanilla")]
    shown = printed(rows)
    assert "31.2" in shown
    assert "7.8" in shown
    assert [line[0].said for line in few_features_of_models(rows).rows] == ["mixup", "vanilla"]


def test_older_results_have_nothing_of_it() -> None:
    assert printed([row(None)]).strip() == ""
    assert [*few_features_lines([row(None)])] == []


def test_the_table_has_all_features_those_that_break_most_first() -> None:
    table = few_features_table(replace(EXACT, columns=(AGE, JOB, GAIN)))
    assert [line[0].said for line in table.rows] == ["capital_gain", "age", "job"]
    assert [line[3].said for line in table.rows] == ["exact", "exact", "4 not known"]
    lines = [*few_features_lines([row(EXACT)])]
    assert "| capital_gain | 37 | 28.9 | exact | upward | 69 | 999 | 50 |" in lines


def test_the_chart_says_of_each_bar_whether_it_is_exact() -> None:
    drawn = "".join(feature_chart("Single features", (GAIN, JOB), 128).body)
    assert "capital_gain: 37 alone, exact" in drawn
    assert "job: 0 alone, 4 not known" in drawn
    assert ">50</text>" in drawn


def test_the_chart_explains_only_the_marks_that_occur() -> None:
    drawn = "".join(feature_chart("Single features", (GAIN, JOB), 128).body)
    assert "not known<" in drawn
    alone = "".join(feature_chart("Single features", (replace(GAIN, moved=0),), 128).body)
    assert "broken by it alone" in alone
    assert "not known" not in alone
    assert "sparsest" not in alone
