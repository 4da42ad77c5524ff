from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from genlabel_robust.attacks.art.fgsm import FGSM
from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.boundary_normal import BoundaryNormal
from genlabel_robust.attacks.evolutionary import Evolutionary
from genlabel_robust.attacks.sign_bisect import SignBisect
from genlabel_robust.attacks.square import Square
from genlabel_robust.runs.assess.canaries import run_canaries
from genlabel_robust.runs.cells.canary_record import AttackOnCanary


def affine(attacks, norm):
    records = run_canaries(attacks, norm, ())
    assert list(records) == ["affine"]
    return records["affine"]


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_sound_attack_breaks_all_that_can_be_broken(norm) -> None:
    record = affine((FGSM(), PGD(steps=25, restarts=4)), norm)
    assert record.broken == record.attacks["pgd"].broken == 1.0
    assert 1.0 <= record.attacks["pgd"].median_ratio < 1.001
    assert record.attacks["fgsm"].broken < 1.0
    assert all(found.lost == found.outside == 0 for found in record.attacks.values())
    assert affine((FGSM(), PGD(steps=25, restarts=4)), norm) == record


@dataclass(frozen=True)
class Forgetful(PGD):
    """Searches like PGD, but returns the untouched example."""

    name: ClassVar[str] = "forgetful"

    def __call__(self, target, norm, eps, seed, start=None) -> AttackResult:
        result = super().__call__(target, norm, eps, seed, start)
        survived = np.full(len(target.x), int(Outcome.SURVIVED))
        return replace(result, points=target.x.copy(), outcome=survived)


@dataclass(frozen=True)
class Escaping(PGD):
    """Searches in a ball of twice the radius."""

    name: ClassVar[str] = "escaping"

    def __call__(self, target, norm, eps, seed, start=None) -> AttackResult:
        return super().__call__(target, norm, 2 * eps, seed, start)


def test_an_attack_that_loses_its_successes_is_found_out() -> None:
    record = affine((Forgetful(steps=5, restarts=1),), "linf")
    assert record.broken == 0.0
    assert record.attacks["forgetful"].lost > 5
    assert record.attacks["forgetful"].median_ratio is None


def test_an_attack_that_leaves_the_ball_is_found_out() -> None:
    record = affine((Escaping(steps=5, restarts=1),), "linf")
    assert record.attacks["escaping"].outside > 5


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (["gradients"], ["affine"]),
        (["scores"], ["affine", "forest"]),
        (["decisions", "gradients", "decisions"], ["affine", "forest-by-labels"]),
        (["gradients", "decisions", "scores"], ["affine", "forest", "forest-by-labels"]),
    ],
)
def test_a_run_has_the_canaries_that_its_models_call_for(asked, names) -> None:
    assert list(run_canaries((FGSM(),), "linf", asked)) == names


def test_a_suite_of_gradients_has_no_share_of_the_forest() -> None:
    record = run_canaries((PGD(steps=5, restarts=1),), "linf", ["scores"])["forest"]
    assert record.broken is None
    assert record.attacks == {"pgd": AttackOnCanary(None, None, lost=0, outside=0)}


def test_attacks_by_scores_have_no_share_of_a_forest_of_labels() -> None:
    record = run_canaries((Square(), SignBisect()), "linf", ["decisions"])
    assert record["forest-by-labels"].attacks["square"].broken is None


@pytest.mark.nightly(but=["linf"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_attacks_by_labels_that_look_along_lines_look_weaker_on_the_forest_than_the_exact_value(
    norm,
) -> None:
    """What the first version of ``standard`` has for models without gradients."""
    attacks = {"linf": SignBisect(), "l2": BoundaryNormal()}
    record = run_canaries((attacks[norm],), norm, ["decisions"])["forest-by-labels"]
    assert 0.5 < record.broken < 0.9
    searching = run_canaries((attacks[norm], Evolutionary()), norm, ["decisions"])
    assert searching["forest-by-labels"].broken >= 0.9
