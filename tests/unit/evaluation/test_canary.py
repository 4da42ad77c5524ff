from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.fgsm import FGSM
from genlabel_robust.attacks.pgd import PGD
from genlabel_robust.evaluation.canary import run_canary


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_sound_attack_breaks_all_that_can_be_broken(norm) -> None:
    record = run_canary((FGSM(), PGD(steps=25, restarts=4)), norm)
    assert record["broken"] == record["attacks"]["pgd"]["broken"] == 1.0
    assert 1.0 <= record["attacks"]["pgd"]["median_ratio"] < 1.001
    assert record["attacks"]["fgsm"]["broken"] < 1.0
    assert all(found["lost"] == found["outside"] == 0 for found in record["attacks"].values())
    assert run_canary((FGSM(), PGD(steps=25, restarts=4)), norm) == record


@dataclass(frozen=True)
class Forgetful(PGD):
    """Finds what PGD finds, and returns the untouched example."""

    name: ClassVar[str] = "forgetful"

    def __call__(self, target, norm, eps, seed, start=None) -> AttackResult:
        result = super().__call__(target, norm, eps, seed, start)
        survived = np.full(len(target.x), int(Outcome.SURVIVED))
        return replace(result, points=target.x.copy(), outcome=survived)


@dataclass(frozen=True)
class Escaping(PGD):
    """Looks in twice the ball it was given."""

    name: ClassVar[str] = "escaping"

    def __call__(self, target, norm, eps, seed, start=None) -> AttackResult:
        return super().__call__(target, norm, 2 * eps, seed, start)


def test_an_attack_that_loses_its_successes_is_found_out() -> None:
    record = run_canary((Forgetful(steps=5, restarts=1),), "linf")
    assert record["broken"] == 0.0
    assert record["attacks"]["forgetful"]["lost"] > 5
    assert record["attacks"]["forgetful"]["median_ratio"] is None


def test_an_attack_that_leaves_the_ball_is_found_out() -> None:
    record = run_canary((Escaping(steps=5, restarts=1),), "linf")
    assert record["attacks"]["escaping"]["outside"] > 5
