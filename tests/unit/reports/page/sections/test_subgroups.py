from __future__ import annotations

from collections.abc import Callable
from typing import Any

from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.page.sections.standards import standards
from genlabel_robust.reports.page.sections.subgroups import subgroups
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference
from genlabel_robust.statistics import Estimate

MakeRun = Callable[..., StoredRun]
Words = Callable[[str], str]
HOSTILE = "<script>x</script>"


def group(name: str, value: float, p: float) -> dict[str, Any]:
    def estimate(share: float) -> Estimate:
        return Estimate(share, share - 0.1, share + 0.1, 0.95, "newcombe", 100)

    difference = SubgroupDifference(estimate(value), p, p)
    rates = {"clean_accuracy": estimate(0.8), "robust_accuracy": estimate(0.5)}
    return Subgroup("site", name, 30, **rates, robust_difference=difference).as_dict()


SMALL = Subgroup("site", "c", 3, reason="3 rows; at least 20 are needed").as_dict()


def test_a_run_without_groups_has_no_such_section(make_run: MakeRun) -> None:
    run = make_run()
    assert subgroups(run) is None
    assert '"#subgroups"' not in html_report(run)


def test_of_several_models_those_with_a_group_that_differs_are_named_first(
    make_run: MakeRun, words: Words
) -> None:
    run = make_run(strategies=("vanilla", "mixup"))
    for row in run.results["rows"]:
        p = 0.001 if row["strategy"] == "mixup" else 0.9
        row["subgroups"] = [group(HOSTILE, -0.3, p), group("b", 0.3, 1.0), SMALL]
    page = subgroups(run) or ""
    assert HOSTILE not in page
    said = words(page)
    first = said.split("two , vanilla")[0]
    assert "mixup" in first
    assert f"Group site={HOSTILE} (30 rows) is 30.0 points less robust" in first
    assert "vanilla" not in first
    assert "No group by site differs" in said
    assert said.count("Too few rows to compare, at least 20 are needed: site=c (3).") == 2


def test_where_no_group_differs_that_is_said(make_run: MakeRun, words: Words) -> None:
    run = make_run(strategies=("vanilla", "mixup"))
    for row in run.results["rows"]:
        row["subgroups"] = [group("a", -0.1, 0.5), group("b", 0.1, 0.5)]
    assert words(subgroups(run) or "").startswith("No group of any model differs from the rest")


def test_groups_that_are_all_too_small_are_a_table_without_a_chart(
    make_run: MakeRun, words: Words
) -> None:
    run = make_run(strategies=("vanilla",))
    for row in run.results["rows"]:
        row["subgroups"] = [SMALL, SMALL | {"group": "d"}]
    page = subgroups(run) or ""
    assert "<svg" not in page
    assert "site=d" in words(page)


def test_the_statements_of_law_name_groups_only_where_there_are_some(
    make_run: MakeRun, words: Words
) -> None:
    run = make_run()
    said = "accuracy and robustness of groups of test rows"
    assert said not in words(standards(run))
    run = make_run()
    for row in run.results["rows"]:
        row["subgroups"] = [group("a", -0.1, 0.5), SMALL]
    assert said in words(standards(run))
    assert "other discriminatory impacts" in words(standards(run))
