"""Each planted failure turns its own check, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.evaluation.cell import CellResult
from genlabel_robust.evaluation.checks import run_checks
from genlabel_robust.evaluation.panel import Panel

Build = Callable[..., CellResult]
INF = np.inf
CANARY = {"eps": 0.1, "broken": 1.0, "attacks": {"pgd": {"broken": 1.0, "lost": 0}}}
#: Of four rows, two survived ε = 0.25 and were probed.
PROBES = {
    "repeated": {"rows": 4, "changed": 0},
    "scores": {"rows": 4, "gradients": 1, "probabilities": 0, "saturated": 0},
    "stored": {"rows": 10, "bad": 0},
    "full range": {"rows": 1, "sampled": 1, "robust": 0, "constant": 0},
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
    return {c["name"]: c["status"] for c in checks(cell, eps)}


def checks(cell: CellResult, eps: float = 0.25) -> list[dict]:
    return run_checks(Panel([cell]), eps, (eps,), CANARY)


def value(cell: CellResult, name: str) -> float:
    return next(c["value"] for c in checks(cell) if c["name"] == name)


def not_passed(cell: CellResult, eps: float = 0.25) -> dict[str, str]:
    return {name: status for name, status in statuses(cell, eps).items() if status != "pass"}


@pytest.fixture
def sound(result: Build) -> CellResult:
    return replace(result(SOUND, exact=EXACT, evidence={"pgd": HEALTHY}), probes=PROBES)


def test_a_sound_result_passes_every_check(sound: CellResult) -> None:
    assert set(statuses(sound)) == {
        "claims confirmed", "attacks stay in the ball", "stored examples hold",
        "robust only where correct", "robust accuracy never rises with ε",
        "attacks not below the exact value", "gap to the exact value", "every attack finished",
        "starting points found",
        "an attack with gradients ran", "white-box not weaker than black-box",
        "PGD not weaker than FGSM", "gradients usable", "canary", "no success is lost",
        "broken at the full range", "twice the budget changes little",
        "predictions repeat", "scores are logits", "softmax not saturated",
    }  # fmt: skip
    assert not_passed(sound) == {}


def test_claims_that_were_not_confirmed_are_a_warning(sound: CellResult) -> None:
    # 10 of 12 claims on record were confirmed
    planted = replace(sound, evidence={"pgd": HEALTHY | {"unconfirmed": 2.0}})
    assert not_passed(planted) == {"claims confirmed": "warn"}
    assert value(planted, "claims confirmed") == pytest.approx(2 / 12)


def test_an_attack_without_a_start_is_a_warning(sound: CellResult) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[2, 3] = int(Outcome.NO_START)
    assert not_passed(replace(sound, outcomes=outcomes)) == {"starting points found": "warn"}


def test_what_an_attack_had_no_time_for_is_a_failure(sound: CellResult) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[0, [1, 3]] = int(Outcome.OUT_OF_TIME)
    planted = replace(sound, outcomes=outcomes)
    assert not_passed(planted) == {"every attack finished": "fail"}
    # two of four rows under one of three attacks
    assert value(planted, "every attack finished") == pytest.approx(1 / 6)
    # they had been tried at this budget, and were left out at a larger one
    tried = np.full(outcomes.shape, INF)
    tried[0, [1, 3]] = 0.25
    assert not_passed(replace(planted, tried=tried)) == {}
    assert not_passed(replace(planted, tried=tried), 0.3) == {"every attack finished": "fail"}


def test_an_attack_that_cannot_work_is_not_unfinished(result: Build) -> None:
    cell = result(SOUND | {"hopskipjump": None})
    assert value(cell, "every attack finished") == 0.0


def test_rows_that_a_stronger_attack_had_no_time_for_are_no_weakness_of_it(result: Build) -> None:
    late = int(Outcome.OUT_OF_TIME)
    cell = result(SOUND | {"pgd": (INF, 0.2, 0.3, 0.4)}, outcomes={"pgd": (late, 0, 0, 0)})
    assert not_passed(cell) == {"every attack finished": "fail"}


def test_a_black_box_that_beats_the_gradients_is_a_warning(result: Build) -> None:
    weak = SOUND | {"pgd": (INF, INF, INF, INF), "fgsm": (INF, INF, INF, INF)}
    assert not_passed(result(weak)) == {"white-box not weaker than black-box": "warn"}
    # 0.1 and 0.2 are within 0.25, and nothing is within 0.05
    assert not_passed(result(weak), 0.05) == {}


def test_one_step_that_beats_many_is_a_warning(result: Build) -> None:
    weak = SOUND | {"fgsm": (0.1, 0.2, 0.3, 0.4), "pgd": (INF, 0.2, 0.3, 0.4)}
    assert not_passed(result(weak)) == {"PGD not weaker than FGSM": "warn"}


def test_noise_that_breaks_what_no_other_attack_does_is_a_warning(result: Build) -> None:
    name = "other attacks not weaker than noise"
    lucky = result(SOUND | {"noise": (0.2, 0.2, 0.24, INF)})
    assert not_passed(lucky, 0.25) == {"white-box not weaker than black-box": "warn"} | {
        name: "warn"
    }
    assert value(lucky, name) == pytest.approx(0.25)
    # within 0.3 the others break that row, too
    assert not_passed(lucky, 0.3) == {}


def test_noise_alone_is_compared_with_nothing(result: Build) -> None:
    assert "other attacks not weaker than noise" not in statuses(result({"noise": EXACT}))


@pytest.mark.parametrize("fault", ["zero_gradients", "nonfinite_gradients"])
def test_useless_gradients_are_a_warning(fault: str, sound: CellResult) -> None:
    assert not_passed(replace(sound, evidence={"pgd": HEALTHY | {fault: 1.0}})) == {}
    planted = replace(sound, evidence={"pgd": HEALTHY | {fault: 2.0}})
    assert not_passed(planted) == {"gradients usable": "warn"}


@pytest.mark.parametrize("others", [{}, {"pgd": None, "fgsm": None}])
def test_labels_alone_are_a_warning(others: dict[str, None], result: Build) -> None:
    cell = result({"hopskipjump": (0.1, 0.2, 0.3, 0.4), **others})
    assert not_passed(cell) == {"an attack with gradients ran": "warn"}


def test_no_gradients_asked_for_means_no_check_of_them(result: Build) -> None:
    assert "gradients usable" not in statuses(result({"hopskipjump": (0.1, 0.2, 0.3, 0.4)}))


def test_an_attack_below_the_exact_value_is_a_failure(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.3, 0.3, 0.4]))
    found = not_passed(planted)
    assert found["attacks not below the exact value"] == "fail"


def test_a_difference_of_rounding_at_the_budget_is_no_failure(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.25 + 5e-6, 0.3, 0.4]))
    assert "attacks not below the exact value" not in not_passed(planted)


def test_attacks_far_above_the_exact_value_are_a_warning(sound: CellResult) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.2, 0.2, 0.4]))
    assert not_passed(planted) == {"gap to the exact value": "warn"}
    assert value(planted, "gap to the exact value") == pytest.approx(0.25)


def test_a_misclassified_example_is_never_robust(result: Build) -> None:
    cell = result(SOUND, predictions=(1, 1, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert statuses(planted)["robust only where correct"] == "pass"


def test_a_misclassified_example_that_counts_as_robust_is_a_failure(
    result: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Panel, "robust", lambda self, distances, eps: distances > eps)
    cell = result(SOUND, predictions=(1, 0, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert not_passed(planted) == {"robust only where correct": "fail"}


def test_where_no_attack_could_work_nothing_is_checked(result: Build) -> None:
    assert checks(result({"pgd": None}), 0.1) == []


@pytest.mark.parametrize(
    ("probe", "planted", "check", "status", "figure"),
    [
        ("repeated", {"changed": 1}, "predictions repeat", "fail", 0.25),
        ("scores", {"probabilities": 4}, "scores are logits", "fail", 1.0),
        ("scores", {"saturated": 1}, "softmax not saturated", "warn", 0.25),
        ("stored", {"bad": 1}, "stored examples hold", "fail", 1.0),
        ("full range", {"robust": 1}, "broken at the full range", "warn", 0.25),
        ("convergence at 0.25", {"broken": 1}, "twice the budget changes little", "warn", 0.25),
    ],
)
def test_what_a_probe_found_turns_its_check(
    probe: str, planted: dict, check: str, status: str, figure: float, sound: CellResult
) -> None:
    found = replace(sound, probes=PROBES | {probe: PROBES[probe] | planted})
    assert not_passed(found) == {check: status}
    assert value(found, check) == pytest.approx(figure)


def test_a_sample_of_the_survivors_stands_for_all_of_them(sound: CellResult) -> None:
    """One of two sampled rows broke, out of four that survived: two of the four examples."""
    half = {"rows": 4, "sampled": 2, "broken": 1}
    found = replace(sound, probes=PROBES | {"convergence at 0.25": half})
    assert value(found, "twice the budget changes little") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("probe", "check"),
    [
        ("full range", "broken at the full range"),
        ("convergence at 0.25", "twice the budget changes little"),
    ],
)
def test_a_probe_that_had_no_time_says_nothing(probe: str, check: str, sound: CellResult) -> None:
    late = PROBES[probe] | {"sampled": 0}
    assert check not in statuses(replace(sound, probes=PROBES | {probe: late}))
    assert check in statuses(replace(sound, probes=PROBES | {probe: late | {"rows": 0}}))


def test_a_constant_model_need_not_break_at_the_full_range(sound: CellResult) -> None:
    constant = {"rows": 4, "sampled": 0, "robust": 0, "constant": 1}
    found = replace(sound, probes=PROBES | {"full range": constant})
    assert "broken at the full range" not in statuses(found)
    assert not_passed(found) == {}


def test_points_outside_the_ball_are_a_failure(sound: CellResult) -> None:
    planted = replace(sound, evidence={"pgd": HEALTHY | {"outside": 1.0}})
    assert not_passed(planted) == {"attacks stay in the ball": "fail"}


def test_a_success_that_was_lost_is_a_failure(sound: CellResult) -> None:
    planted = replace(sound, evidence={"pgd": HEALTHY | {"lost": 1.0}})
    assert not_passed(planted) == {"no success is lost": "fail"}


def test_an_attack_that_fails_on_the_canary_is_a_failure(sound: CellResult) -> None:
    weak = CANARY | {"broken": 0.9}
    found = {c["name"]: c["status"] for c in run_checks(Panel([sound]), 0.25, (0.25,), weak)}
    assert found["canary"] == "fail"


def test_rows_spared_by_early_stop_are_no_weakness_of_the_stronger_attack(result: Build) -> None:
    skipped = int(Outcome.SKIPPED)
    cell = result(
        SOUND | {"pgd": (INF, 0.2, 0.3, 0.4)},
        outcomes={"pgd": (skipped, 0, 0, 0)},
    )
    assert not_passed(cell) == {}
