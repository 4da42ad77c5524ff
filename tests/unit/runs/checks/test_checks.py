"""A sound result passes every check; what a probe found turns its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]

SENTENCES = {
    "claims": "The model confirmed all 10 adversarial points that attacks claimed.",
    "ball": "No attack claimed a point outside the ball or the box.",
    "stored-examples": (
        "All 10 stored adversarial examples are mislabelled, in the box and at the stated "
        "distance, with immutable features unmoved."
    ),
    "robust-where-correct": "No misclassified row counts as robust.",
    "order-of-eps": "No row that a smaller ε broke counts as robust at ε = 0.25.",
    "exact-bound": "No row whose exact distance lies beyond ε counts as broken.",
    "exact-gap": "The attacks’ robust accuracy is no higher than the exact one.",
    "time": "No attack left out an example for want of time.",
    "starting-points": "Every attack that needs a starting point found one for every example.",
    "white-box": "2 of 3 attacks ran with gradients.",
    "white-box-against-black-box": (
        "Attacks without gradients broke no row that attacks with gradients left unbroken."
    ),
    "pgd-against-fgsm": "FGSM broke no row that PGD left unbroken.",
    "gradients": "None of 100 gradients was zero or not finite.",
    "canary-affine": (
        "Together the attacks broke 100 % of the rows that can be broken on an affine model whose "
        "margins are known; at least 99 % is needed."
    ),
    "lost-successes": "No attack lost an adversarial point that it met (watched on the canary).",
    "full-range": ("With the whole range to move in, the attacks broke every row that they tried."),
    "doubled-budget": (
        "With twice the budget, the attacks broke none of 2 survivors that they tried."
    ),
    "repeated-predictions": (
        "The model gave the same answers for all 4 rows when it was asked again."
    ),
    "scores": "No row’s scores are probabilities.",
    "softmax": "No row’s logits are so large that a softmax in float32 is exactly 1.",
}


def test_a_sound_result_passes_every_check(sound: CellResult, not_passed: NotPassed) -> None:
    assert not_passed(sound) == {}


def test_every_sentence_of_a_sound_result_is_a_fact(sound: CellResult, checks: Checks) -> None:
    said = {name: check.sentence for name, check in checks(sound).items()}
    assert {name: said[name] for name in SENTENCES} == SENTENCES


def test_where_no_attack_could_work_nothing_is_checked(result: Build, checks: Checks) -> None:
    assert checks(result({"pgd": None}), eps=0.1) == {}


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
    probe: str,
    planted: dict,
    check: str,
    status: str,
    figure: float,
    sound: CellResult,
    checks: Checks,
    not_passed: NotPassed,
) -> None:
    found = replace(sound, probes=sound.probes | {probe: sound.probes[probe] | planted})
    assert not_passed(found) == {check: status}
    assert checks(found)[check].value == pytest.approx(figure)


@pytest.mark.parametrize(
    ("probe", "check"),
    [
        ("full range", "full-range"),
        ("convergence at 0.25", "doubled-budget"),
    ],
)
def test_a_probe_that_had_no_time_says_nothing(
    probe: str, check: str, sound: CellResult, checks: Checks
) -> None:
    late = sound.probes[probe] | {"sampled": 0}
    assert check not in checks(replace(sound, probes=sound.probes | {probe: late}))
    assert check in checks(replace(sound, probes=sound.probes | {probe: late | {"rows": 0}}))
