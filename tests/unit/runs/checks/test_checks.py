"""Each planted failure turns its own check, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import CHECKS, Check, run_checks

Build = Callable[..., CellResult]
INF = np.inf
CANARIES = {"affine": {"eps": 0.1, "broken": 1.0, "attacks": {"pgd": {"broken": 1.0, "lost": 0}}}}
#: Of four rows, two survived ε = 0.25 and were probed.
PROBES = {
    "repeated": {"rows": 4, "changed": 0},
    "scores": {"rows": 4, "gradients": 1, "probabilities": 0, "saturated": 0},
    "stored": {"rows": 10, "bad": 0},
    "full range": {"rows": 1, "sampled": 1, "robust": 0, "breakable": 0, "constant": 0},
    "convergence at 0.25": {"rows": 2, "sampled": 2, "broken": 0},
}
HEALTHY = {"gradients": 100.0, "zero_gradients": 0.0, "nonfinite_gradients": 0.0}
SOUND = {
    "fgsm": (0.2, INF, 0.3, INF),
    "pgd": (0.1, 0.2, 0.3, 0.4),
    "hopskipjump": (0.1, 0.2, 0.3, 0.5),
}
EXACT = (0.1, 0.2, 0.3, 0.4)


def statuses(cell: CellResult, eps: float = 0.25) -> dict[str, str]:
    return {c.name: c.status for c in checks(cell, eps)}


def checks(cell: CellResult, eps: float = 0.25) -> list[Check]:
    return run_checks(Panel([cell]), eps, (eps,), CANARIES)


def the(cell: CellResult, name: str) -> Check:
    return next(c for c in checks(cell) if c.name == name)


def value(cell: CellResult, name: str) -> float:
    return the(cell, name).value


def not_passed(cell: CellResult, eps: float = 0.25) -> dict[str, str]:
    return {name: status for name, status in statuses(cell, eps).items() if status != "pass"}


@pytest.fixture
def sound(result: Build) -> CellResult:
    return replace(result(SOUND, exact=EXACT, evidence={"pgd": HEALTHY}), probes=PROBES)


def test_a_sound_result_passes_every_check(sound: CellResult) -> None:
    others = ("decided", "search-against-noise", "canary-forest", "canary-forest-by-labels")
    assert tuple(statuses(sound)) == tuple(name for name in CHECKS if name not in others)
    assert not_passed(sound) == {}


def test_claims_that_were_not_confirmed_are_a_warning(sound: CellResult) -> None:
    # 10 of 12 claims on record were confirmed
    planted = replace(sound, evidence={"pgd": HEALTHY | {"unconfirmed": 2.0}})
    assert not_passed(planted) == {"claims": "warn"}
    assert value(planted, "claims") == pytest.approx(2 / 12)


def test_an_attack_without_a_start_is_a_warning(sound: CellResult) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[2, 3] = int(Outcome.NO_START)
    assert not_passed(replace(sound, outcomes=outcomes)) == {"starting-points": "warn"}


def test_what_an_attack_had_no_time_for_is_a_failure(sound: CellResult) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[0, [1, 3]] = int(Outcome.OUT_OF_TIME)
    planted = replace(sound, outcomes=outcomes)
    assert not_passed(planted) == {"time": "fail"}
    # two of four rows under one of three attacks
    assert value(planted, "time") == pytest.approx(1 / 6)
    # they had been tried at this budget, and were left out at a larger one
    tried = np.full(outcomes.shape, INF)
    tried[0, [1, 3]] = 0.25
    assert not_passed(replace(planted, tried=tried)) == {}
    assert not_passed(replace(planted, tried=tried), 0.3) == {"time": "fail"}


def test_an_attack_that_cannot_work_is_not_unfinished(result: Build) -> None:
    cell = result(SOUND | {"hopskipjump": None})
    assert value(cell, "time") == 0.0


def test_rows_that_a_stronger_attack_had_no_time_for_are_no_weakness_of_it(result: Build) -> None:
    late = int(Outcome.OUT_OF_TIME)
    cell = result(SOUND | {"pgd": (INF, 0.2, 0.3, 0.4)}, outcomes={"pgd": (late, 0, 0, 0)})
    assert not_passed(cell) == {"time": "fail"}


def test_a_black_box_that_beats_the_gradients_is_a_warning(result: Build) -> None:
    weak = SOUND | {"pgd": (INF, INF, INF, INF), "fgsm": (INF, INF, INF, INF)}
    assert not_passed(result(weak)) == {"white-box-against-black-box": "warn"}
    # 0.1 and 0.2 are within 0.25, and nothing is within 0.05
    assert not_passed(result(weak), 0.05) == {}


def test_one_step_that_beats_many_is_a_warning(result: Build) -> None:
    weak = SOUND | {"fgsm": (0.1, 0.2, 0.3, 0.4), "pgd": (INF, 0.2, 0.3, 0.4)}
    assert not_passed(result(weak)) == {"pgd-against-fgsm": "warn"}


def test_noise_that_breaks_what_no_other_attack_does_is_a_warning(result: Build) -> None:
    name = "search-against-noise"
    lucky = result(SOUND | {"noise": (0.2, 0.2, 0.24, INF)})
    assert not_passed(lucky, 0.25) == {"white-box-against-black-box": "warn"} | {name: "warn"}
    assert value(lucky, name) == pytest.approx(0.25)
    # within 0.3 the others break that row, too
    assert not_passed(lucky, 0.3) == {}


def test_noise_alone_is_compared_with_nothing(result: Build) -> None:
    assert "search-against-noise" not in statuses(result({"noise": EXACT}))


@pytest.mark.parametrize("fault", ["zero_gradients", "nonfinite_gradients"])
def test_useless_gradients_are_a_warning(fault: str, sound: CellResult) -> None:
    assert not_passed(replace(sound, evidence={"pgd": HEALTHY | {fault: 1.0}})) == {}
    planted = replace(sound, evidence={"pgd": HEALTHY | {fault: 2.0}})
    assert not_passed(planted) == {"gradients": "warn"}


@pytest.mark.parametrize("others", [{}, {"pgd": None, "fgsm": None}])
def test_labels_alone_are_a_warning(others: dict[str, None], result: Build) -> None:
    cell = result({"hopskipjump": (0.1, 0.2, 0.3, 0.4), **others})
    assert not_passed(cell) == {"white-box": "warn"}


def test_no_gradients_asked_for_means_no_check_of_them(result: Build) -> None:
    assert "gradients" not in statuses(result({"hopskipjump": (0.1, 0.2, 0.3, 0.4)}))


def test_an_attack_below_the_exact_value_is_a_failure(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.3, 0.3, 0.4]))
    found = not_passed(planted)
    assert found["exact-bound"] == "fail"


def test_a_difference_of_rounding_at_the_budget_is_no_failure(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.25 + 5e-6, 0.3, 0.4]))
    assert "exact-bound" not in not_passed(planted)


def test_attacks_far_above_the_exact_value_are_a_warning(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.2, 0.2, 0.4]))
    assert not_passed(planted) == {"exact-gap": "warn"}
    assert value(planted, "exact-gap") == pytest.approx(0.25)


def test_a_misclassified_example_is_never_robust(result: Build) -> None:
    cell = result(SOUND, predictions=(1, 1, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert statuses(planted)["robust-where-correct"] == "pass"


def test_a_misclassified_example_that_counts_as_robust_is_a_failure(
    result: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Panel, "robust", lambda self, distances, eps: distances > eps)
    cell = result(SOUND, predictions=(1, 0, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert not_passed(planted) == {"robust-where-correct": "fail"}


def test_where_no_attack_could_work_nothing_is_checked(result: Build) -> None:
    assert checks(result({"pgd": None}), 0.1) == []


@pytest.mark.parametrize(
    ("probe", "planted", "check", "status", "figure"),
    [
        ("repeated", {"changed": 1}, "repeated-predictions", "fail", 0.25),
        ("scores", {"probabilities": 4}, "scores", "fail", 1.0),
        ("scores", {"saturated": 1}, "softmax", "warn", 0.25),
        ("stored", {"bad": 1}, "stored-examples", "fail", 1.0),
        ("full range", {"robust": 1}, "full-range", "warn", 0.25),
        ("convergence at 0.25", {"broken": 1}, "doubled-budget", "fail", 0.25),
    ],
)
def test_what_a_probe_found_turns_its_check(
    probe: str, planted: dict, check: str, status: str, figure: float, sound: CellResult
) -> None:
    found = replace(sound, probes=PROBES | {probe: PROBES[probe] | planted})
    assert not_passed(found) == {check: status}
    assert value(found, check) == pytest.approx(figure)


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_named_for_its_subject(name: str) -> None:
    outcomes = {
        "not",
        "no",
        "nothing",
        "never",
        "only",
        "ran",
        "found",
        "holds",
        "repeat",
        "usable",
    }
    assert not outcomes & set(name.split("-"))


def test_a_sample_of_the_survivors_stands_for_all_of_them(sound: CellResult) -> None:
    """Two of four rows survived; of one that was sampled it broke: so of both."""
    half = {"rows": 2, "sampled": 1, "broken": 1}
    found = the(replace(sound, probes=PROBES | {"convergence at 0.25": half}), "doubled-budget")
    assert (found.status, found.value, found.limit) == ("fail", pytest.approx(0.5), 0.005)
    assert found.sentence == (
        "With twice the budget, the attacks broke 1 of 1 sampled survivors (100 %): robust "
        "accuracy would be about 0 % (extrapolated from the sample; 95 % interval 0 % to "
        "39.7 %) and not 50 %; a change of 0.5 points is allowed. A stronger suite, or larger "
        "budgets, may find them."
    )


def test_where_all_survivors_were_tried_again_the_figure_is_no_estimate(sound: CellResult) -> None:
    broken = {"rows": 2, "sampled": 2, "broken": 1}
    found = the(replace(sound, probes=PROBES | {"convergence at 0.25": broken}), "doubled-budget")
    assert found.sentence == (
        "With twice the budget, the attacks broke 1 of 2 survivors (50 %): robust "
        "accuracy would be at most 25 % and not 50 %; a change of 0.5 points is allowed. A "
        "stronger suite, or larger budgets, may find them."
    )


def test_a_sample_of_one_seed_stands_for_all_seeds(sound: CellResult) -> None:
    """The second seed was not probed, and has three robust rows of four: 5 of 8 in all."""
    broken = PROBES | {"convergence at 0.25": {"rows": 2, "sampled": 2, "broken": 1}}
    distances = sound.distances.copy()
    distances[:, 1] = INF
    other = replace(sound, probes={}, distances=distances)
    panel = Panel([replace(sound, probes=broken), other])
    (found,) = (c for c in run_checks(panel, 0.25, (0.25,)) if c.name == "doubled-budget")
    assert found.value == pytest.approx(5 / 16)
    assert "would be about 31.2 % (extrapolated from the sample; 95 % interval" in found.sentence
    assert "and not 62.5 %" in found.sentence


def test_what_is_known_to_break_must_break_at_the_full_range(sound: CellResult) -> None:
    left = {"rows": 1, "sampled": 1, "robust": 1, "breakable": 1, "constant": 0}
    found = the(replace(sound, probes=PROBES | {"full range": left}), "full-range")
    assert (found.status, found.value) == ("fail", 0.25)
    assert found.sentence == (
        "With the whole range to move in, the attacks left 1 of 1 sampled rows (100 %) unbroken "
        "although points that break them are known: they would call 25 % of all rows robust where "
        "0 % is right; at most 1 % is allowed."
    )


def test_labels_alone_are_told_in_a_sentence_that_is_true(result: Build) -> None:
    cell = result({"hopskipjump": (0.1, 0.2, 0.3, 0.4)})
    assert the(cell, "white-box").as_dict() == {
        "name": "white-box",
        "status": "warn",
        "value": 0.0,
        "bound": "at least",
        "limit": 1.0,
        "sentence": "No attack with gradients ran: the true robust accuracy may be far lower.",
    }


def test_every_sentence_of_a_sound_result_is_told_as_a_fact(sound: CellResult) -> None:
    assert [c.sentence for c in checks(sound)] == [
        "The model confirmed all 10 adversarial points that attacks claimed.",
        "No attack claimed a point outside the ball or the box.",
        "All 10 stored adversarial examples are mislabelled, in the box and at the stated "
        "distance, with immutable features unmoved.",
        "No misclassified row counts as robust.",
        "No row that a smaller ε broke counts as robust at ε = 0.25.",
        "No row whose exact distance lies beyond ε counts as broken.",
        "The attacks’ robust accuracy is no higher than the exact one.",
        "No attack left out an example for want of time.",
        "Every attack that needs a starting point found one for every example.",
        "2 of 3 attacks ran with gradients.",
        "Attacks without gradients broke no row that attacks with gradients left unbroken.",
        "FGSM broke no row that PGD left unbroken.",
        "None of 100 gradients was zero or not finite.",
        "Together the attacks broke 100 % of what can be broken on an affine model whose margins "
        "are known; at least 99 % is needed.",
        "No attack lost an adversarial point that it met (watched on the canary).",
        "With the whole range to move in, the attacks broke every row they were tried on.",
        "With twice the budget, the attacks broke none of the 2 survivors tried.",
        "The model gave the same answers for all 4 rows when it was asked again.",
        "No row’s scores are probabilities.",
        "No row’s logits are so large that a softmax in float32 is exactly 1.",
    ]


@pytest.mark.parametrize(
    ("probe", "check"),
    [
        ("full range", "full-range"),
        ("convergence at 0.25", "doubled-budget"),
    ],
)
def test_a_probe_that_had_no_time_says_nothing(probe: str, check: str, sound: CellResult) -> None:
    late = PROBES[probe] | {"sampled": 0}
    assert check not in statuses(replace(sound, probes=PROBES | {probe: late}))
    assert check in statuses(replace(sound, probes=PROBES | {probe: late | {"rows": 0}}))


def test_a_constant_model_need_not_break_at_the_full_range(sound: CellResult) -> None:
    constant = {"rows": 4, "sampled": 0, "robust": 0, "constant": 1}
    found = replace(sound, probes=PROBES | {"full range": constant})
    assert "full-range" not in statuses(found)
    assert not_passed(found) == {}


def test_points_outside_the_ball_are_a_failure(sound: CellResult) -> None:
    planted = replace(sound, evidence={"pgd": HEALTHY | {"outside": 1.0}})
    assert not_passed(planted) == {"ball": "fail"}


def test_a_success_that_was_lost_is_a_failure(sound: CellResult) -> None:
    planted = replace(sound, evidence={"pgd": HEALTHY | {"lost": 1.0}})
    assert not_passed(planted) == {"lost-successes": "fail"}


def test_an_attack_that_fails_on_the_canary_is_a_failure(sound: CellResult) -> None:
    weak = {"affine": CANARIES["affine"] | {"broken": 0.9}}
    (found,) = [c for c in run_checks(Panel([sound]), 0.25, (0.25,), weak) if "canary" in c.name]
    assert found.as_dict() == {
        "name": "canary-affine",
        "status": "fail",
        "value": 0.9,
        "bound": "at least",
        "limit": 0.99,
        "sentence": "Together the attacks broke 90 % of what can be broken on an affine model "
        "whose margins are known; at least 99 % is needed. Attack with a stronger suite.",
    }


def test_a_suite_of_which_nothing_works_on_the_canary_has_not_proved_itself(
    sound: CellResult,
) -> None:
    none = {"forest": {"eps": 0.1, "broken": None, "attacks": {"pgd": {"lost": 0}}}}
    (found,) = [c for c in run_checks(Panel([sound]), 0.25, (0.25,), none) if "canary" in c.name]
    assert (found.name, found.status, found.value) == ("canary-forest", "fail", 0.0)
    assert found.sentence.startswith("No attack of the suite can work on a small forest")


def test_rows_spared_by_early_stop_are_no_weakness_of_the_stronger_attack(result: Build) -> None:
    skipped = int(Outcome.SKIPPED)
    cell = result(
        SOUND | {"pgd": (INF, 0.2, 0.3, 0.4)},
        outcomes={"pgd": (skipped, 0, 0, 0)},
    )
    assert not_passed(cell) == {}
