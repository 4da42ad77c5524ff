"""The text of each report section for a made-up run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.curves import Curve, curve_chart, reach_of
from genlabel_robust.reports.page.sections.examples import nearest
from genlabel_robust.reports.words.wording import percent, quantile
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import CHECKS
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.margins import margin_summary
from genlabel_robust.runs.results.results import Results

MakeRun = Callable[..., StoredRun]
Say = Callable[[str, StoredRun], str]


@pytest.fixture
def say(words: Callable[[str], str]) -> Say:
    """Return a function that gives the text of a section."""
    return lambda section, run: words(SECTIONS.load(section)(run))


def set_check(run: StoredRun, status: str, row: int = 0) -> None:
    run.results["rows"][row]["checks"][0] |= {
        "status": status,
        "value": 0.5,
        "sentence": "Half of it.",
    }


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("pass", "All 4 checks passed"),
        ("warn", "1 of 4 checks warns, none failed."),
        ("fail", "Do not rely on this verdict. Why: failed check, "),
    ],
)
def test_the_verdict_says_whether_to_believe_the_numbers(
    status: str, told: str, make_run: MakeRun, say: Say
) -> None:
    run = make_run()
    set_check(run, status)
    assert told in say("verdict", run)


def test_the_verdict_without_checks_believes_nothing(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    for row in run.results["rows"]:
        row["checks"] = []
    assert "There are no checks: nothing says" in say("verdict", run)


def test_the_verdict_names_the_least_and_the_most_robust_at_both_ends_of_eps(
    make_run: MakeRun, say: Say
) -> None:
    run = make_run(
        datasets=("two", "three", "four"),
        eps=(0.02, 0.1, 0.2),
        strategies=("vanilla", "mixup", "genlabel-gm"),
    )
    said = say("verdict", run)
    for eps in (0.02, 0.2):
        rows = [row for row in run.results.rows if row.eps == eps and row.dataset == "two"]
        rows.sort(key=lambda row: row.robust_accuracy.value)
        least, most = (
            rf"{row.strategy} [\d.]+ [\d.–]+ {percent(row.robust_accuracy)} "
            for row in (rows[0], rows[-1])
        )
        assert re.search(rf"two {eps:g} {least}.*{most}", said)
    assert "What is not claimed That no attack can do better." in said


def test_where_all_are_alike_none_is_more_robust(make_run: MakeRun, say: Say) -> None:
    run = make_run(datasets=("two", "three", "four"))
    for row in run.results["rows"]:
        row["robust_accuracy"]["value"] = 0.5
    assert "none is more robust" in say("verdict", run)


def test_the_verdict_draws_the_answers_and_the_curve_of_few_data_sets(make_run: MakeRun) -> None:
    verdict = SECTIONS.load("verdict")
    drawn = verdict(make_run())
    assert drawn.count("<svg") == 2
    assert "as ε grows" in drawn
    assert verdict(make_run(datasets=("two", "three", "four"))).count("<svg") == 0


def test_failed_checks_stand_in_the_box_of_the_verdict(make_run: MakeRun) -> None:
    run = make_run()
    set_check(run, "fail")
    content = SECTIONS.load("verdict")(run)
    box = content[: content.index("<svg")]
    assert box.startswith('<div class="box fail">')
    assert box.index("Half of it.") < box.index("leaves ")


def test_the_subject_counts_rows_and_names_digests(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    (run.path / "models").mkdir()
    cells = [cell for cells in run.cells.values() for cell in cells]
    for cell in cells:
        (run.path / "models" / f"{cell.key}.safetensors").write_bytes(cell.key.encode())
    said = say("subject", run)
    assert re.search(r"two 20 20 2 range no 10 ?, yes 10", said)
    assert "Dropped 1 column." in said
    assert run.results["datasets"]["two"]["content_hash"] in said
    assert all(sha256(cell.key.encode()) in said for cell in cells)
    assert f"results.json {sha256((run.path / 'results.json').read_bytes())}" in said
    assert "1970-01-01 00:01:00 UTC" in said


def test_the_threat_is_told_in_terms_of_nist_and_in_the_features_own_units(
    make_run: MakeRun, say: Say
) -> None:
    run = make_run(eps=(0.05, 0.1), constraints={"immutable": ["weight"]})
    said = say("threat", run)
    for words in (
        "evasion",
        "untargeted",
        "NIST AI 100-2 E2025",
        "fgsm white-box: sees the model and its gradients",
        "immutable: weight",
    ):
        assert words in said
    small, large = run.results["datasets"]["two"]["features"][0]["raw_eps"]
    assert f"height yes {small:.4g} {large:.4g}" in said
    assert "weight no 0 0" in said


def test_the_results_hold_every_estimate_with_its_interval(make_run: MakeRun, say: Say) -> None:
    run = make_run(exact=True)
    said = say("results", run)
    for row in run.results.rows:
        for one in (row.clean_accuracy, row.robust_accuracy, row.exact_robust_accuracy):
            assert f"{percent(one)} {100 * one.low:.1f}–{100 * one.high:.1f}" in said


def test_one_run_has_a_curve_over_eps_with_its_numbers(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    verdict, said = SECTIONS.load("verdict")(run), say("sweep", run)
    # two curves, and two in the legend
    assert verdict.count('class="c s') == 4
    for row in run.results.rows:
        panel = run.panels[row.group[0], row.group[1], row.group[2]]
        assert f"≤ {percent(row.robust_accuracy)}" in said
        assert f"{100 * panel.clean.mean():.1f}" in said
    assert "verdicts and gates use no other" in said


def test_a_single_curve_has_no_legend(make_run: MakeRun) -> None:
    verdict = SECTIONS.load("verdict")(make_run(strategies=("vanilla",)))
    assert verdict.count('class="c s') == 1


def test_a_curve_is_exact_or_said_to_be_an_upper_bound(make_run: MakeRun, say: Say) -> None:
    assert "An upper bound: other attacks may turn answers by less" in say("verdict", make_run())
    said = say("verdict", make_run(exact=True))
    assert "Exact: the distance of every answer is known." in said
    assert "upper bound: attacks" not in said


def test_the_curve_begins_at_the_clean_accuracy_and_has_the_accuracy_at_eps() -> None:
    distances = np.array([0.0, 0.0, 0.05, 0.1, 0.2])
    drawn = curve_chart("t", "ε", [0.1], [Curve("m", distances)])
    (path,) = re.findall(r'<path d="(M[^"]+)" class="c s0">', "".join(drawn.body))
    heights = [float(y) for y in re.findall(r"V([\d.]+)", path)]
    begin = float(path.split("H")[0].split()[1])
    bottom, top = 246, 26
    shares = [(bottom - y) / (bottom - top) for y in (begin, *heights)]
    assert shares == pytest.approx([0.6, 0.4, 0.2, 0.0], abs=0.001)


def test_the_band_reaches_from_the_curve_down_to_what_is_proved() -> None:
    # one wrong, one turned of which nothing is proved, one turned beyond a bound, one censored
    distances = np.array([0.0, 0.1, 0.3, np.inf])
    least = np.array([0.0, 0.0, 0.2, 0.25])
    drawn = curve_chart("t", "ε", [0.2], [Curve("m", distances, least)])
    (path,) = re.findall(r'<path d="(M[^"]+)" class="a s0">', "".join(drawn.body))
    points = [tuple(map(float, path[1:].split("H")[0].split()))]
    for kind, value in re.findall(r"([HV])([\d.]+)", path):
        x, y = points[-1]
        points.append((float(value), y) if kind == "H" else (x, float(value)))
    bottom, top = 246, 26
    shares = [(x, (bottom - y) / (bottom - top)) for x, y in points]
    assert shares[0] == pytest.approx((38, 0.75), abs=0.01)
    # back at the left edge, at the half of which something is proved, and closed upward
    assert shares[-1] == pytest.approx((38, 0.5), abs=0.01)
    assert max(share for _, share in shares) == pytest.approx(0.75, abs=0.01)
    assert min(share for _, share in shares) == pytest.approx(0.0, abs=0.01)
    area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(shares, shares[1:] + shares[:1], strict=True)
    )
    reach, wide = reach_of([0.2], [Curve("m", distances, least)]), 386 - 38
    between = (0.1 * 0.25 + (0.3 - 0.2) * 0.25 + (reach - 0.25) * 0.25) / reach * wide
    assert abs(area) / 2 == pytest.approx(between, rel=0.005)


def test_censored_answers_are_marked_and_others_are_not(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    drawn = SECTIONS.load("verdict")(run)
    assert 'class="k s0 o"' in drawn
    assert "Hollow mark" in drawn
    share = run.results["rows"][0]["margin"]["censored"]
    assert share > 0
    assert f"{100 * share:.1f}" in say("margins", run)
    exact = SECTIONS.load("verdict")(make_run(exact=True))
    assert 'class="k s0 o"' not in exact
    assert "Hollow mark" not in exact


def test_margins_between_bounds_have_two_ends_and_a_band(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    drawn = SECTIONS.load("verdict")(run)
    assert 'class="a s' not in drawn
    for group, panel in run.panels.items():
        proved = [
            Certificate(
                np.where(far <= 0.1, 0.0, 0.1) * (r.predictions == r.labels),
                far,
                np.full((len(far), 1), np.nan),
                np.zeros(len(far), dtype=np.int64),
            )
            for r, far in zip(panel.results, panel.margins, strict=True)
        ]
        cells = [replace(r, certificate=c) for r, c in zip(panel.results, proved, strict=True)]
        run.panels[group] = Panel(cells)
    for row in run.results["rows"]:
        panel = run.panels[row["dataset"], row["architecture"], row["strategy"]]
        row["margin"] = margin_summary(panel, "linf", (0.1,)).as_dict()
    run = replace(run, results=Results(run.results))
    drawn, said = SECTIONS.load("verdict")(run), say("margins", run)
    # of two, bands would cover each other
    assert 'class="a s' not in drawn
    del run.panels["two", "mlp", "mixup"]
    assert SECTIONS.load("verdict")(run).count('class="a s') == 1
    assert "between bounds" in said
    assert "Turnbull" in said
    assert quantile(run.results.rows[0].margin, "q75") in said


def test_the_limits_explain_the_methods_of_the_intervals(make_run: MakeRun, say: Say) -> None:
    said = say("limits", make_run())
    assert "How the intervals were computed two-level (seeds, rows)" in said
    assert "a share over several trainings: Wilson's formula" in said


def test_the_bracket_has_two_ends_where_the_model_is_affine(make_run: MakeRun, say: Say) -> None:
    assert "somewhere between 0 and it" in say("bracket", make_run())
    run = make_run(exact=True)
    said = say("bracket", run)
    for row in run.results.rows:
        low, high = percent(row.exact_robust_accuracy), percent(row.robust_accuracy)
        assert f"[{low}, {high}]" in said


def test_differences_are_to_the_first_strategy_in_points(make_run: MakeRun, say: Say) -> None:
    run = make_run(strategies=("vanilla", "mixup", "genlabel-gm"))
    said = say("strategies", run)
    robust = [d for d in run.results["differences"] if d["eps"] == 0.1]
    shown = [d for d in robust if d["reference"] == "vanilla"]
    assert len(robust) == 3
    assert len(shown) == 2
    for one in shown:
        assert f"{100 * one['difference']['value']:+.1f}".replace("-", "−") in said
    assert "over all data sets" not in said
    two = say("strategies", make_run(datasets=("two", "three")))
    assert "No statement is made over all data sets: there are 2" in two
    assert SECTIONS.load("strategies")(make_run(strategies=("vanilla",))) is None


def test_all_pairs_stand_in_a_folded_table_with_a_mark_where_0_is_left_out(
    make_run: MakeRun, say: Say
) -> None:
    run = make_run(strategies=("vanilla", "mixup", "genlabel-gm"))
    (last,) = (
        one
        for one in run.results["differences"]
        if (one["strategy"], one["reference"], one["eps"]) == ("genlabel-gm", "mixup", 0.1)
    )
    last["difference"] |= {"value": -0.2, "low": -0.3, "high": -0.1}
    page = SECTIONS.load("strategies")(run)
    title = (
        "<summary>Differences between all 3 pairs of strategies (interval without 0 in the worst "
        "case: 1 of 3)</summary>"
    )
    assert title in page
    folded = page[page.index(title) :]
    head = '<bdi>genlabel-gm</bdi></th><td data-title="minus"><bdi>mixup</bdi></td>'
    (row,) = (line for line in folded.splitlines() if head in line)
    assert '−20.0* <small class="wrap">−30.0 to −10.0</small>' in row
    assert "*: the 95 % interval of this difference leaves out 0" in page
    assert "all 1 pair" not in SECTIONS.load("strategies")(make_run())
    assert "<details><summary>Differences" not in SECTIONS.load("strategies")(make_run())


def test_pairs_are_shown_where_the_first_strategy_has_no_number(make_run: MakeRun) -> None:
    run = make_run(strategies=("vanilla", "mixup", "genlabel-gm", "adamixup"))
    run.results["differences"] = [
        one for one in run.results["differences"] if one["reference"] != "vanilla"
    ]
    assert "Differences between all 3 pairs" in SECTIONS.load("strategies")(run)


def test_pairs_beyond_what_a_page_holds_are_left_to_the_results(
    make_run: MakeRun, multiply: Callable[[StoredRun, int], StoredRun], say: Say
) -> None:
    one = make_run(strategies=("vanilla", "mixup", "genlabel-gm"), seeds=1, n=5)
    few, many = say("strategies", multiply(one, 166)), say("strategies", multiply(one, 167))
    assert ("Differences between all" in few, "in results.json" in few) == (True, False)
    assert ("Differences between all" in many, "in results.json" in many) == (False, True)


def test_five_data_sets_have_a_statement_on_ranks(make_run: MakeRun, say: Say) -> None:
    names = tuple(f"set-{i}" for i in range(5))
    run = make_run(datasets=names, strategies=("vanilla", "mixup", "genlabel-gm"), seeds=1)
    for row in run.results["rows"]:
        row["robust_accuracy"]["value"] = {"vanilla": 0.2, "mixup": 0.4, "genlabel-gm": 0.6}[
            row["strategy"]
        ]
    said = say("strategies", run)
    assert (
        "over 5 data sets. Mean ranks count as different if they are more than 1.48 apart" in said
    )
    assert "genlabel-gm ranks better than vanilla" in said
    assert "genlabel-gm ranks better than mixup" not in said


def test_every_class_is_shown_under_every_strategy(make_run: MakeRun, say: Say) -> None:
    run = make_run(classes=("no", "yes", "perhaps"), n=30)
    said = say("classes", run)
    for row in run.results.rows:
        for one in row.per_class:
            start = f"{one.name} {row.strategy} {one.n_examples} "
            assert f"{start}{percent(one.clean_accuracy)} " in said


def test_the_weakest_examples_are_the_nearest_rows_each_once(make_run: MakeRun) -> None:
    run = make_run(strategies=("vanilla",))
    panel = run.panels["two", "mlp", "vanilla"]
    found = nearest(panel, 4)
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    assert len({one.row for one in found}) == 4
    broken = np.where(panel.clean[:, None] & (panel.distances > 0), panel.distances, np.inf)
    assert [one.distance for one in found] == sorted(broken.min(axis=(0, 1)))[:4]


def test_an_example_is_shown_before_and_after(make_run: MakeRun, say: Say) -> None:
    run = make_run(strategies=("vanilla",))
    said = say("examples", run)
    (first, *_) = nearest(run.panels["two", "mlp", "vanilla"], 1)
    original = run.inputs(run.results["datasets"]["two"]["content_hash"])[first.row]
    assert f"row {20 + first.row} of the data" in said
    for before, after in zip(original, first.adversarial, strict=True):
        assert f"{before:.5g} {after:.5g}" in said


def test_a_run_without_its_rows_says_that_they_are_not_stored(
    make_run: MakeRun, say: Say, tmp_path: Path
) -> None:
    run = make_run()
    for file in (tmp_path / "inputs").iterdir():
        file.write_bytes(b"damaged")
    assert "not stored" in say("examples", run)


def test_failed_checks_come_first_and_each_says_what_was_found(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    few = {"status": "fail", "value": 0.25, "sentence": "A quarter of it was broken."}
    run.results["rows"][1]["checks"][1] |= few
    said = say("evidence", run)
    assert said.index("canary-affine ✗ fail") < said.index("claims ✓ pass")
    # of all rows the one that did worst, and how many passed
    asked = CHECKS.describe("canary-affine")
    assert f"canary-affine ✗ fail {asked} A quarter of it was broken. 1 of 2" in said
    assert "The check that did not pass" in said
    run = make_run()
    set_check(run, "warn", 0)
    set_check(run, "warn", 1)
    assert "The 2 checks that did not pass" in say("evidence", run)
    assert f"claims ✓ pass {CHECKS.describe('claims')} All claims held. 2 of 2" in said
    assert "canary-affine ✗ fail two mixup 0.1 A quarter of it was broken." in said
    assert "An affine model: At ε = 0.107 the attacks together broke 100.0 %" in said
    assert "pgd 100.0 n/a 0 0" in said
    assert "A forest that gives scores: No attack of the suite can work on it." in said
    assert "fgsm n/a n/a 0 0" in said


def test_the_verdict_begins_with_what_failed(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    for row in run.results["rows"]:
        sentence = "A <quarter> was missed."
        row["checks"] = [
            {"name": "a", "status": "fail", "sentence": sentence, "value": 1.0},
            *(
                {"name": f"b{i}", "status": "fail", "sentence": f"{i} and", "value": 1.0}
                for i in range(6)
            ),
        ]
    said = say("verdict", run)
    one = "failed check, two/vanilla/mlp at ε = 0.1 and 1 more row: A <quarter> was missed."
    assert said.index(one) < said.index("An attacker") < said.index("14 of 14 checks failed")
    assert "row: 3 and 2 more." in said


@pytest.mark.parametrize(
    ("changes", "settings", "told"),
    [
        ({}, {"seeds": 5}, "two has 20 test rows"),
        ({}, {}, "Each model was trained 2 times"),
        ({}, {"early_stop": True}, "Early stop"),
        ({"max_seconds": 3.0}, {}, "Each attack was limited to 3 s on each model"),
        ({"checks": "off"}, {}, "Checks were off"),
        ({}, {"attacks": ("sign-bisect",)}, "No attack used gradients"),
    ],
)
def test_the_limits_are_those_of_the_run(
    changes: dict[str, Any], settings: dict[str, Any], told: str, make_run: MakeRun, say: Say
) -> None:
    assert told in say("limits", make_run(changes=changes, **settings))
    if told != "two has 20 test rows":
        assert told not in say("limits", make_run(seeds=5))


def test_the_command_and_the_versions_are_told(make_run: MakeRun, say: Say) -> None:
    run = make_run(eps=(0.05,))
    said = say("reproduce", run)
    assert "python -m genlabel_robust evaluate \\" in said
    assert "--dataset two \\" in said
    assert "--eps 0.05" in said
    assert f"numpy {np.__version__}" in said


def test_no_conformity_is_claimed(make_run: MakeRun, say: Say) -> None:
    said = say("standards", make_run())
    assert "does not establish conformity with any of them" in said
    assert "complian" not in said.lower()
    for statement in ("Annex IV 2(g)", "Article 15(5)", "ISO/IEC TR 24029-1:2021"):
        assert statement in said


def test_the_signature_is_under_the_digest_of_the_results(make_run: MakeRun, say: Say) -> None:
    run = make_run()
    said = say("signature", run)
    assert sha256((run.path / "results.json").read_bytes()) in said
    assert said.count("Name Role Date Signature") == 2


def test_a_strategy_without_margins_keeps_its_colour_for_itself(make_run: MakeRun) -> None:
    run = make_run(strategies=("vanilla", "mixup", "genlabel-gm"))
    del run.panels["two", "mlp", "mixup"]
    drawn = SECTIONS.load("verdict")(run)
    # each that has a curve stands in the legend too, with the colour of its place
    assert [drawn.count(f'class="c s{series}"') for series in range(3)] == [2, 0, 2]
