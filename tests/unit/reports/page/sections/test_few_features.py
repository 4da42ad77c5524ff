"""The report section on single features, for a made-up run."""

from __future__ import annotations

from collections.abc import Callable

from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.page.sections.few_features import few_features
from genlabel_robust.runs.folder.stored_run import StoredRun

FEW = {
    "correct": 128,
    "broken": 40,
    "open": 3,
    "columns": [
        {
            "name": "gain <b>",
            "broken": 37,
            "open": 0,
            "moved": 50,
            "toward": {"up": 37},
            "least": 69.0,
            "median": 999.0,
        },
        {
            "name": "age",
            "broken": 8,
            "open": 3,
            "moved": 20,
            "toward": {"down": 3, "up": 5},
            "least": 2.0,
            "median": 3.0,
        },
    ],
    "fewest": {"1": 40, "2": 23},
    "least": 63,
    "left_out": 0,
}


def test_the_answer_stands_first_then_bars_and_the_table(
    make_run: Callable[..., StoredRun],
) -> None:
    run = make_run(strategies=("vanilla",))
    for row in run.results["rows"]:
        row["few_features"] = FEW
    content = str(few_features(run))
    answer, bar, table = (
        content.index(part)
        for part in ("One feature alone breaks at least 40 of 128", ": 37 alone, exact", "<table")
    )
    assert answer < bar < table
    assert ": 8 alone, 3 not known" in content
    assert "gain <b>" not in content
    page = html_report(run)
    assert page.count("One feature alone breaks") >= 2
    assert '<section id="features"' in page


def test_several_models_are_compared_first(make_run: Callable[..., StoredRun]) -> None:
    run = make_run(strategies=("vanilla", "mixup"))
    for row in run.results["rows"]:
        row["few_features"] = FEW
    content = str(few_features(run))
    assert content.index("What one feature alone breaks on") < content.index("<details")
    assert content.count("<svg") == 2


def test_older_runs_have_no_such_section(make_run: Callable[..., StoredRun]) -> None:
    run = make_run(strategies=("vanilla",))
    assert few_features(run) is None
    assert '<section id="features"' not in html_report(run)
