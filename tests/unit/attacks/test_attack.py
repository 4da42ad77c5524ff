from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.core.errors import AttackError, NotApplicableError


@dataclass(frozen=True)
class Still(Attack):
    """An attack that returns ``points``, or the examples unchanged."""

    name = "still"
    needs = "decisions"
    kind = "fixed"
    norms = ("linf",)
    cost = 1

    points: int = 0

    def _attack(self, target, ball, seed, start):
        shape = (self.points or len(target.x), target.n_features)
        n = len(target.x)
        return AttackResult(np.zeros(shape), np.ones(n, dtype=int), np.zeros(n, dtype=int))


def test_another_norm_than_the_attacks_own_is_refused(make_target) -> None:
    with pytest.raises(NotApplicableError, match="'still' does not work under norm 'l2'; it allow"):
        Still()(make_target(n=5), "l2", 0.1, 0)


def test_points_of_another_shape_than_the_examples_are_no_result(make_target) -> None:
    target = make_target(n=5)
    assert Still()(target, "linf", 0.1, 0).points.shape == target.x.shape
    with pytest.raises(AttackError, match=r"'still': points has shape \(4, "):
        Still(points=4)(target, "linf", 0.1, 0)


def test_starts_of_another_shape_than_the_examples_are_refused(make_target) -> None:
    with pytest.raises(AttackError, match="'still': start has shape"):
        Still()(make_target(n=5), "linf", 0.1, 0, start=np.zeros((4, 2)))


def test_what_an_attack_repeats_is_a_cheaper_one_that_needs_the_same() -> None:
    attacks = {name: ATTACKS.load(name) for name in ATTACKS}
    repeating = {name: attack for name, attack in attacks.items() if attack.repeats is not None}
    assert repeating
    for attack in repeating.values():
        assert attacks[attack.repeats].needs == attack.needs
        assert attacks[attack.repeats].cost < attack.cost


def test_controls_and_searches_are_both_there() -> None:
    assert {ATTACKS.load(name).searches for name in ATTACKS} == {True, False}
