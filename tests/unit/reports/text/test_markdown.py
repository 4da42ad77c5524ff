from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from genlabel_robust.reports.text.fitting import least_width
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.text.terminal import terminal_report
from genlabel_robust.reports.words.remarks import remarks
from genlabel_robust.runs.results.results import Results

_GROUP = (
    *("clean_accuracy", "robust_accuracy", "certified_accuracy", "exact_robust_accuracy"),
    *("clean_difference", "robust_difference"),
)
EXPECTED = """\
## two, mlp, L∞, ε = 0.1 of each feature's training range

40 training rows, 4 test rows, 2 training seeds. Accuracies in percent.

| strategy | clean | fgsm | pgd | worst case | median margin |
| --- | ---: | ---: | ---: | ---: | ---: |
| vanilla | 95.1 (89.2–98.0) | 75.0 (50.0–90.0) | 50.0 (25.0–75.0) | 50.0 (25.0–75.0) | 0.123 (0.05–∞) |
| mixup | 95.1 (89.2–98.0) | n/a | 25.0 (10.0–50.0) | 25.0 (10.0–50.0) | 0.123 (0.05–∞) |
| adamixup | n/a | n/a | n/a | n/a | n/a |

Paired differences to vanilla, in percentage points (*: the 95 % interval of this difference leaves out 0):

| strategy | clean | worst case |
| --- | ---: | ---: |
| mixup | +1.2 (−0.3 to +2.7) | −25.0 (−50.0 to +0.0) |

![Robust accuracy](figures/robust-accuracy.svg)

## About the data

- two: Dropped 1 column.

## Warnings of checks, and what was left out

- two/mixup/mlp at ε = 0.1: not applicable to this model: fgsm
- two/adamixup/mlp at ε = 0.1: it needs gradients
- warning, two/mixup/mlp at ε = 0.1: One start is missing.
"""  # noqa: E501


def test_the_report_says_everything_once(results: dict[str, Any]) -> None:
    report = markdown_report(results, ("figures/robust-accuracy.svg",))
    head, body = report.split("\n## two", 1)
    answer, rest = head.split("\n\nSuite quick-1. A row is robust if")
    assert answer.startswith(
        "# Robustness report\n\n**An attacker who may change a by up to 0.1 leaves"
    )
    assert answer.endswith("1 of 2 checks warns, none failed.")
    assert rest
    assert "## two" + body == EXPECTED


def test_all_pairs_are_folded_below_the_differences_to_the_first(results: dict[str, Any]) -> None:
    clean, robust = results["differences"]
    ends = {"value": -0.25, "low": -0.5, "high": -0.1, "level": 0.95, "method": "wilson"}
    for strategy, reference in (("adamixup", "vanilla"), ("adamixup", "mixup")):
        names = {"strategy": strategy, "reference": reference}
        results["differences"] += [clean | names, robust | names | {"difference": ends}]
    report = markdown_report(results)
    folded = report.split("<details>")[1].split("</details>")[0]
    assert folded == (
        "<summary>Differences between all 3 pairs of strategies (interval without 0 in the worst "
        "case: 2 of 3)</summary>\n\n"
        "| strategy | minus | clean | worst case |\n| --- | --- | ---: | ---: |\n"
        "| mixup | vanilla | +1.2 (−0.3 to +2.7) | −25.0 (−50.0 to +0.0) |\n"
        "| adamixup | vanilla | +1.2 (−0.3 to +2.7) | −25.0* (−50.0 to −10.0) |\n"
        "| adamixup | mixup | +1.2 (−0.3 to +2.7) | −25.0* (−50.0 to −10.0) |\n\n"
    )


def test_a_report_without_notices_and_warnings_has_no_empty_headings(
    results: dict[str, Any],
) -> None:
    results["rows"] = results["rows"][:1]
    results["differences"] = []
    results["datasets"]["two"]["notices"] = []
    report = markdown_report(results)
    assert report.count("## ") == 1
    assert "Paired" not in report
    assert "![" not in report


def test_what_mixing_does_stands_in_a_table_of_the_strategies_that_mix(
    results: dict[str, Any],
) -> None:
    nothing = dict.fromkeys(("foreign_label_rate", "kl_divergence", "infinite_kl_rate"))
    results["datasets"]["two"]["diagnostics"] = {
        "vanilla": None,
        "mixup": {"n_points": 100, "intrusion_rate": 0.0123, **nothing},
        "adamixup": {
            "n_points": 100,
            "intrusion_rate": 0.5,
            "foreign_label_rate": 0.25,
            "kl_divergence": 1234.5,
            "infinite_kl_rate": 1.0,
        },
    }
    report = markdown_report(results)
    section = report.split("## What mixing does to the data\n\n")[1].split("\n\n## ")[0]
    explanation, table, others = section.split("\n\n")
    assert others.startswith("Not in the table: ")
    assert explanation.startswith("Each mixed point lies between two training rows, its parents.")
    assert [one for one in ("Intrusion:", "Foreign labels:", "KL:") if one not in explanation] == []
    assert table.splitlines() == [
        "| data set | strategy | intrusion, % | foreign labels, % | KL, nats | infinite KL, % |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| two | mixup | 1.2 | n/a | n/a | n/a |",
        "| two | adamixup | 50.0 | 25.0 | 1.23e+03 | 100.0 |",
    ]


def test_a_run_that_mixes_nothing_has_no_such_table(results: dict[str, Any]) -> None:
    results["datasets"]["two"]["diagnostics"] = {"vanilla": None}
    assert "mixing" not in markdown_report(results)


def test_the_exact_column_stands_where_there_is_an_exact_value(results: dict[str, Any]) -> None:
    results["rows"][0]["exact_robust_accuracy"] = results["rows"][0]["robust_accuracy"]
    lines = markdown_report(results).splitlines()
    assert "| strategy | clean | fgsm | pgd | worst case | exact | median margin |" in lines
    (mixup,) = (line for line in lines if line.startswith("| mixup | 95.1"))
    assert mixup.split(" | ")[5] == "n/a"


def test_a_check_that_passed_is_no_remark(results: dict[str, Any]) -> None:
    assert not any("vanilla" in remark for remark in remarks(Results(results)))
    assert len(remarks(Results(results))) == 3


def test_the_terminal_shows_the_numbers_of_the_report(results: dict[str, Any]) -> None:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(terminal_report(results))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        "two · mlp · L∞, ε = 0.1",
        "95.1",
        "89.2–98.0",
        "0.05–∞",
        "n/a",
        "quick-1",
        "it needs gradients",
        "One start is missing.",
    ):
        assert part in text


def test_a_name_with_markup_signs_is_printed_as_it_is(results: dict[str, Any]) -> None:
    results["datasets"] = {"a[red]b.csv#y": results["datasets"]["two"]}
    results["rows"] = [results["rows"][0] | {"dataset": "a[red]b.csv#y", "strategy": "[bold]"}]
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(terminal_report(results))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "a[red]b.csv#y" in text
    assert "[bold]" in text


def test_early_stop_and_missing_checks_are_said(results: dict[str, Any]) -> None:
    results["checks"] = "off"
    mixup = results["rows"][1]
    mixup["outcomes"] = {"fgsm": {"skipped": 3}}
    said = "\n".join(remarks(Results(results)))
    assert "checks were off" in said
    assert "cheaper attacks ran first (early stop): fgsm" in said
    assert "not applicable to this model: fgsm" not in said


def test_attacks_whose_time_ran_out_are_named(results: dict[str, Any]) -> None:
    mixup = results["rows"][1]
    mixup["attacks"] = {"fgsm": None, **{k: v for k, v in mixup["attacks"].items() if k != "fgsm"}}
    mixup["outcomes"] = {"fgsm": {"skipped": 0, "out_of_time": 3}}
    said = markdown_report(results)
    assert "as their time ran out (max_seconds): fgsm" in said
    assert "not applicable to this model: fgsm" not in said


def test_names_are_no_markup(results: dict[str, Any]) -> None:
    name = "<img src=x>|`[a](b)\u202e\n# end"
    about = results["datasets"].pop("two")
    results["datasets"][name] = about
    for row in results["rows"]:
        row["dataset"] = name if row["dataset"] == "two" else row["dataset"]
    for one in results["differences"]:
        one["dataset"] = name if one["dataset"] == "two" else one["dataset"]
    said = markdown_report(results)
    assert "## \\<img src=x>\\|\\`\\[a\\](b) # end, mlp" in said
    assert "\n# end" not in said


def test_many_groups_are_left_to_their_file(results: dict[str, Any]) -> None:
    results["rows"] = results["rows"][:1]
    small = dict.fromkeys(_GROUP) | {"column": "site", "n_examples": 3}
    for count, listed in ((30, True), (31, False)):
        results["rows"][0]["subgroups"] = [
            small | {"group": f"g{i}", "reason": "3 rows"} for i in range(count)
        ]
        out = io.StringIO()
        Console(file=out, width=90).print(terminal_report(results, width=90))
        assert ("site=g29 " in out.getvalue()) == listed
        assert f"site=g9 (3) and {count - 10} more." in " ".join(out.getvalue().split())
        assert ("31 groups of test rows, see subgroups.csv" in out.getvalue()) == (not listed)


def test_the_last_line_of_the_terminal_is_the_answer_in_80_columns(results: dict[str, Any]) -> None:
    results["rows"] = results["rows"][:1]
    out = io.StringIO()
    report = terminal_report(results, width=80)
    Console(file=out, width=80, color_system=None).print(report)
    assert least_width(*report.renderables) <= 80
    said = " ".join(out.getvalue().split())
    assert said.endswith("no accuracy under attack may be claimed.")
    assert said.index("All 1 checks passed.") < said.index("An attacker who may change a by")


def test_what_failed_is_said_first_and_beside_the_answer(results: dict[str, Any]) -> None:
    failed = {"name": "claims", "status": "fail", "sentence": "A claim was false.", "value": 1.0}
    results["rows"][0]["checks"] = [failed]
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(terminal_report(results, width=80))
    said = " ".join(out.getvalue().split())
    assert said.startswith("failed check, two/vanilla/mlp at ε = 0.1: A claim was false.")
    assert "Do not rely on this verdict, for the reasons at the top: An attacker" in said
    markdown = markdown_report(results)
    assert markdown.index("A claim was false.") < markdown.index("**An attacker")
