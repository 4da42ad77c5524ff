"""The verdict in a sentence: what is turned, how well that is known, and what may be claimed."""

from __future__ import annotations

from typing import Any

import pytest

from genlabel_robust.reports.words.verdict import Verdict, verdict
from genlabel_robust.runs.results.results import Results

MODEL = {
    "name": "m.onnx",
    "format": "ONNX",
    "sha256": None,
    "knowledge": "scores",
    "probabilities": False,
    "notes": [],
}


def estimate(count: int, of: int) -> dict[str, Any]:
    value = count / of if of else 0.0
    ends = {"low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}
    return {"value": value, **ends, "level": 0.95, "method": "wilson"}


def certification(right: int, broken: int, opened: int, n: int) -> dict[str, Any]:
    outcomes = {
        "misclassified": n - right,
        "broken": broken,
        "certified": right - broken - opened,
        "open": opened,
    }
    return {"kind": "trees", "about": "10 trees", "reason": None, "outcomes": outcomes}


def of_counts(
    results: dict[str, Any], right: int, broken: int, opened: int | None, n: int = 20
) -> dict[str, Any]:
    """Return ``results`` with one row; ``opened``: None where nothing is proved."""
    row = results["rows"][0] | {
        "n_examples": n,
        "n_seeds": 1,
        "clean_accuracy": estimate(right, n),
        "robust_accuracy": estimate(right - broken, n),
    }
    if opened is not None:
        row["certified_accuracy"] = estimate(right - broken - opened, n)
        row["certification"] = certification(right, broken, opened, n)
    return results | {"rows": [row], "differences": [], "model": MODEL}


def answer(results: dict[str, Any]) -> Verdict:
    return verdict(Results(results))


def test_an_exact_number_is_said_to_be_exact_and_may_be_claimed(results: dict[str, Any]) -> None:
    said = answer(of_counts(results, 16, 4, 0))
    assert said.sentence == (
        "An attacker who may change a by up to 0.1 turns exactly 4 of the 16 right answers into "
        "wrong ones (25 %); the other 12 are proved to stay right."
    )
    assert said.means == (
        "Accuracy falls from 80.0 % to 60.0 %: under this attack you may claim 60.0 % for these "
        "rows, and 50.0 % for rows like them (the low end of the 95 % interval)."
    )
    assert (said.status, said.doubts) == ("warn", ())


def test_a_bracket_has_two_numbers_and_the_lower_accuracy_may_be_claimed(
    results: dict[str, Any],
) -> None:
    said = answer(of_counts(results, 16, 4, 3))
    assert (
        "turns between 4 and 7 of the 16 right answers into wrong ones: 4 were turned, 3 are "
        in (said.sentence)
    )
    assert said.means.startswith(
        "Accuracy falls from 80.0 % to between 45.0 % and 60.0 %: under this attack you may claim "
        "45.0 % for these rows"
    )


def test_attacks_alone_give_a_lower_bound_and_nothing_to_claim(results: dict[str, Any]) -> None:
    said = answer(of_counts(results, 16, 4, None))
    assert "turns at least 4 of the 16 right answers into wrong ones (25 %)" in said.sentence
    assert "nothing is proved, so another attack may turn more" in said.sentence
    assert said.means == (
        "Accuracy falls from 80.0 % to 60.0 % or less: no accuracy under attack may be claimed."
    )


@pytest.mark.parametrize(
    ("broken", "opened", "status", "words"),
    [
        (0, 0, "pass", "turns none of the 16 right answers into a wrong one; all of them are pro"),
        (0, 1, "warn", "turns at most 1 of the 16 right answers into wrong ones: no attack turned"),
        (0, None, "warn", "turned none of the 16 right answers into a wrong one so far: nothing"),
        (7, 0, "warn", "turns exactly 7 of the 16 right answers into wrong ones (44 %)"),
        (8, None, "fail", "turns at least 8 of the 16 right answers into wrong ones (50 %)"),
        (15, 0, "fail", "(94 %); the other one is proved to stay right"),
        (16, 0, "fail", "turns exactly 16 of the 16 right answers into wrong ones (100 %); none"),
    ],
)
def test_the_colour_comes_from_what_is_turned(
    broken: int, opened: int | None, status: str, words: str, results: dict[str, Any]
) -> None:
    said = answer(of_counts(results, 16, broken, opened))
    assert said.status == status
    assert words in said.sentence


def test_without_a_right_answer_there_is_nothing_to_turn(results: dict[str, Any]) -> None:
    said = answer(of_counts(results, 0, 0, None))
    assert said.sentence == (
        "None of the 20 answers is right to begin with: there is nothing that an attacker who may "
        "change a by up to 0.1 could turn."
    )
    assert (said.status, said.means) == ("warn", "")


def test_without_a_number_the_reason_is_said_and_nothing_may_be_claimed(
    results: dict[str, Any],
) -> None:
    results = of_counts(results, 16, 4, None)
    results["rows"][0] |= {"robust_accuracy": None, "reason": "no attack had the time"}
    said = answer(results)
    assert said.sentence.startswith("It is not known how many right answers an attacker who may")
    assert said.sentence.endswith("turns into wrong ones: no attack had the time.")
    assert (said.status, said.means) == ("warn", "No accuracy under attack may be claimed.")


def test_an_exact_value_of_an_affine_model_goes_before_what_attacks_found(
    results: dict[str, Any],
) -> None:
    results = of_counts(results, 16, 2, None)
    results["rows"][0]["exact_robust_accuracy"] = estimate(11, 20)
    said = answer(results)
    assert "turns exactly 5 of the 16 right answers" in said.sentence
    assert "you may claim 55.0 %" in said.means


def test_a_failed_check_stands_beside_the_number_and_makes_it_red(results: dict[str, Any]) -> None:
    results = of_counts(results, 16, 0, 0)
    failed = {"name": "claims", "status": "fail", "sentence": "A claim was false.", "value": 1.0}
    results["rows"][0]["checks"] = [failed]
    said = answer(results)
    assert said.status == "fail"
    assert said.doubts == ("failed check, at ε = 0.1: A claim was false.",)
    assert said.lines[:2] == ("Do not rely on this verdict:", said.doubts[0])
    assert said.checks == "1 of 1 checks failed."


def test_a_concern_that_turns_all_figures_is_a_doubt_too(results: dict[str, Any]) -> None:
    results = of_counts(results, 16, 0, 0)
    concern = {"kind": "class_order", "text": "The classes stand in another order."}
    results["datasets"]["two"]["concerns"] = [concern]
    said = answer(results)
    assert (said.status, said.doubts) == ("fail", ("The classes stand in another order.",))


def test_the_largest_eps_is_the_one_of_the_verdict(results: dict[str, Any]) -> None:
    results = of_counts(results, 16, 4, 0)
    (row,) = results["rows"]
    results["threat"]["eps"] = [0.1, 0.2]
    results["datasets"]["two"]["features"][0]["raw_eps"] = [0.1, 0.2]
    larger = {"eps": 0.2, "robust_accuracy": estimate(3, 20), "certified_accuracy": estimate(3, 20)}
    results["rows"] = [row, row | larger | {"certification": certification(16, 13, 0, 20)}]
    assert "by up to 0.2 turns exactly 13 of the 16" in answer(results).sentence


def test_a_single_strategy_is_named_with_its_trainings(results: dict[str, Any]) -> None:
    results = of_counts(results, 16, 4, 0) | {"model": None}
    assert "4 of the 16 right answers of vanilla over 1 training into wrong" in (
        answer(results).sentence
    )


def test_several_strategies_have_both_ends_and_the_difference_to_the_first(
    results: dict[str, Any],
) -> None:
    said = answer(results)
    assert said.sentence == (
        "An attacker who may change a by up to 0.1 turns between at least 50 % (vanilla) and at "
        "least 75 % (mixup) of the right answers into wrong ones; attacks did that, nothing is "
        "proved, "
        "so other attacks may turn more; 1 model has no number."
    )
    assert said.means == "No strategy keeps more answers right than vanilla, the first of the run."
    assert said.status == "warn"


@pytest.mark.parametrize(
    ("low", "end"), [(0.1, "that is more than chance explains."), (-0.1, "that may be chance.")]
)
def test_a_better_strategy_is_named_with_its_interval(
    low: float, end: str, results: dict[str, Any]
) -> None:
    results["rows"] = results["rows"][:2]
    ends = {"low": low, "high": 0.3, "level": 0.95, "method": "paired"}
    results["differences"][1]["difference"] = {"value": 0.2, **ends}
    said = answer(results).means
    assert said.startswith("mixup keeps most answers right, 20.0 points more than vanilla (95 % ")
    assert said.endswith(end)


def test_several_data_sets_are_counted_and_their_features_are_not_named(
    results: dict[str, Any],
) -> None:
    results["datasets"]["three"] = results["datasets"]["two"]
    other = [row | {"dataset": "three"} for row in results["rows"][:2]]
    results["rows"] = results["rows"][:2] + other
    results["differences"] += [one | {"dataset": "three"} for one in results["differences"]]
    said = answer(results)
    assert said.sentence.startswith(
        "On 2 data sets, an attacker who may change each feature by up to 10 % of its range turns "
        "between at least 50 % (vanilla, on two) and at least 75 % (mixup, on "
    )
    assert said.means == (
        "Compared with vanilla, each by its own 95 % interval, mixup does not differ on any."
    )


def test_strategies_that_differ_alike_are_named_together_and_many_are_counted(
    results: dict[str, Any],
) -> None:
    (known,) = (one for one in results["differences"] if one["measure"] == "robust_accuracy")
    ends = {
        "better": [(0.1, 0.3), (-0.1, 0.2)],
        "good": [(0.05, 0.3), (-0.1, 0.2)],
        "torn": [(0.1, 0.3), (-0.2, -0.1)],
        "worse": [(-0.3, -0.1), (-0.3, -0.2)],
        **{f"same-{n}": [(-0.1, 0.1), (-0.2, 0.2)] for n in range(4)},
    }
    results["datasets"]["three"] = results["datasets"]["two"]
    rows = results["rows"][:2]
    results["rows"] = rows + [row | {"dataset": "three"} for row in rows]
    results["differences"] = [
        known
        | {"dataset": dataset, "strategy": strategy}
        | {"difference": known["difference"] | {"value": 0.0, "low": low, "high": high}}
        for strategy, intervals in ends.items()
        for dataset, (low, high) in zip(("two", "three"), intervals, strict=True)
    ]
    assert answer(results).means == (
        "Compared with vanilla, each by its own 95 % interval, better and good keep more answers "
        "right on 1 of 2 data sets; torn keeps more answers right on 1 and fewer on 1 of 2 data "
        "sets; worse keeps fewer answers right on 2 of 2 data sets; 4 strategies do not differ on "
        "any."
    )
