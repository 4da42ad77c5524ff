"""The verdict in one sentence: what changes, how certain that is, and what may be claimed."""

from __future__ import annotations

from typing import Any

import pytest

from genlabel_robust.reports.words.answer.verdict import Verdict, verdict
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
    """Return ``results`` with one row; ``opened``: the number of open rows, None without proofs."""
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


def of_strategies(
    results: dict[str, Any], *known: tuple[str, int, int | None], right: int = 16
) -> dict[str, Any]:
    """Return ``results`` of 20 rows; ``known``: strategy, number broken, and open or None."""
    made = results | {"rows": [], "model": None, "differences": []}
    for strategy, broken, opened in known:
        (row,) = of_counts(results, right, broken, opened)["rows"]
        made["rows"].append(row | {"strategy": strategy})
    return made


def to_vanilla(results: dict[str, Any], **ends: tuple[float, float, float]) -> dict[str, Any]:
    """Return ``results`` with a difference to vanilla for each strategy of ``ends``."""
    (known,) = (one for one in results["differences"] if one["measure"] == "robust_accuracy")
    found = [
        known | {"strategy": name, "difference": dict(estimate(1, 2), value=v, low=low, high=high)}
        for name, (v, low, high) in ends.items()
    ]
    return results | {"differences": found}


CLEARLY = "(clearly: the 95 % interval of the difference, taken alone, leaves out 0)"
WHO = "An attacker who may change a by up to 0.1 leaves "


@pytest.mark.parametrize(
    ("known", "what"),
    [
        (
            [("vanilla", 8, 0), ("mixup", 4, 0)],
            "vanilla with an accuracy of 40.0 % and mixup with 60.0 %; both are exact.",
        ),
        (
            [("vanilla", 8, 0), ("mixup", 4, 0), ("other", 6, 0)],
            "vanilla with an accuracy of 40.0 %, the lowest of 3 strategies, and mixup with "
            "60.0 %, the highest; all 3 are exact.",
        ),
        (
            [("vanilla", 8, 0), ("mixup", 4, 2), ("other", 6, 1)],
            "vanilla with an accuracy of 40.0 %, the lowest of 3 strategies, and mixup with "
            "50.0 to 60.0 %, the highest; 1 of 3 is exact, 2 lie between two bounds and are "
            "ranked by the upper one.",
        ),
        (
            [("vanilla", 8, None), ("mixup", 4, None)],
            "vanilla with an accuracy of at most 40.0 % and mixup with at most 60.0 %; nothing "
            "is proved, so another attack may leave less.",
        ),
        (
            [("vanilla", 8, 1), ("mixup", 4, None)],
            "vanilla with an accuracy of 35.0 to 40.0 % and mixup with at most 60.0 %; 1 lies "
            "between two bounds, nothing is proved for 1.",
        ),
        (
            [("vanilla", 4, 0), ("mixup", 4, 0)],
            "both strategies with an accuracy of 60.0 %; both are exact.",
        ),
        (
            [("vanilla", 4, 0), ("mixup", 4, 0), ("other", 4, 0)],
            "all 3 strategies with an accuracy of 60.0 %; all 3 are exact.",
        ),
    ],
)
def test_several_strategies_have_both_ends_in_one_accuracy(
    known: list[tuple[str, int, int | None]], what: str, results: dict[str, Any]
) -> None:
    assert answer(of_strategies(results, *known)).sentence == WHO + what


def test_a_strategy_without_a_number_is_counted(results: dict[str, Any]) -> None:
    made = of_strategies(results, ("vanilla", 8, 0), ("mixup", 4, 0), ("other", 4, 0))
    made["rows"][2] |= {"robust_accuracy": None, "certified_accuracy": None}
    made["rows"][2]["reason"] = "it needs gradients"
    assert answer(made).sentence == (
        f"{WHO}vanilla with an accuracy of 40.0 % and mixup with 60.0 %; both are exact; there is "
        "no number for 1 of 3."
    )
    made["rows"][1] = made["rows"][1] | {"robust_accuracy": None, "certified_accuracy": None}
    assert answer(made).sentence == (
        f"{WHO}vanilla with an accuracy of 40.0 %; this is exact; there is no number for 2 of 3."
    )


@pytest.mark.parametrize(
    ("ends", "means"),
    [
        (
            {"mixup": (0.2, 0.1, 0.3)},
            "The accuracy of mixup is 20.0 points higher than that of vanilla (95 % interval "
            "+10.0 to +30.0), more than chance explains.",
        ),
        (
            {"mixup": (-0.2, -0.5, 0.1)},
            "The accuracy of mixup is 20.0 points lower than that of vanilla (95 % interval "
            "−50.0 to +10.0), which may be chance.",
        ),
        (
            {"mixup": (0.0, -0.1, 0.1)},
            "mixup and vanilla have the same accuracy (95 % interval −10.0 to +10.0).",
        ),
        (
            {"mixup": (0.1, -0.1, 0.3), "other": (0.2, -0.1, 0.5)},
            "other keeps the most right answers: its accuracy is 20.0 points higher than that of "
            "vanilla (95 % interval −10.0 to +50.0), which may be chance.",
        ),
        (
            {"mixup": (0.1, -0.1, 0.3), "other": (0.2, 0.1, 0.3)},
            "other keeps the most right answers: its accuracy is 20.0 points higher than that of "
            "vanilla (95 % interval +10.0 to +30.0), more than chance explains, though it was "
            "picked as the best of 2.",
        ),
        (
            {"mixup": (-0.1, -0.2, 0.1), "other": (0.0, -0.2, 0.2)},
            "No other strategy keeps more answers right than vanilla.",
        ),
    ],
)
def test_the_best_strategy_is_compared_with_the_first(
    ends: dict[str, tuple[float, float, float]], means: str, results: dict[str, Any]
) -> None:
    made = to_vanilla(results, **ends)
    assert answer(made).means == means


def test_undecided_answers_are_said_to_count_as_right(results: dict[str, Any]) -> None:
    made = to_vanilla(results, mixup=(0.2, 0.1, 0.3))
    made["differences"][0]["open"] = 5
    assert "+10.0 to +30.0; 5 undecided answers counted as right), more" in answer(made).means


def test_undecided_answers_on_one_of_several_data_sets_are_said_to_count_as_right(
    results: dict[str, Any],
) -> None:
    (known,) = (one for one in results["differences"] if one["measure"] == "robust_accuracy")
    results["datasets"]["three"] = results["datasets"]["two"]
    results["rows"] += [row | {"dataset": "three"} for row in results["rows"][:2]]
    results["differences"] = [known | {"open": 0}, known | {"dataset": "three", "open": 5}]
    means = f"Compared with vanilla, mixup does not differ clearly on any {CLEARLY[:-1]}"
    assert answer(results).means == f"{means}; undecided answers count as right)."


def test_several_data_sets_are_counted_and_their_features_are_not_named(
    results: dict[str, Any],
) -> None:
    results["datasets"]["three"] = results["datasets"]["two"]
    other = [row | {"dataset": "three"} for row in results["rows"][:2]]
    results["rows"] = results["rows"][:2] + other
    results["differences"] += [one | {"dataset": "three"} for one in results["differences"]]
    said = answer(results)
    assert said.sentence.startswith(
        "On 2 data sets, an attacker who may change each feature by up to 10 % of its range leaves "
        "mixup on two with an accuracy of at most 25.0 %, the lowest of 4 results, and vanilla on "
        "three with at most 50.0 %, the highest; nothing is proved"
    )
    assert said.means == f"Compared with vanilla, mixup does not differ clearly on any {CLEARLY}."


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
        "Compared with vanilla, better and good keep clearly more answers right on 1 of 2 data "
        "sets; torn keeps clearly more answers right on 1 and clearly fewer on 1 of 2 data sets; "
        "worse keeps clearly fewer answers right on 2 of 2 data sets; 4 strategies do not differ "
        f"clearly on any {CLEARLY}."
    )
