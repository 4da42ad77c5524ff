from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.few_features import FewFeatures
from genlabel_robust.attacks.search.feature_moves import FeatureMoves
from genlabel_robust.attacks.sparse import fewer_changes
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.runs.assess.canaries.forest import forest_canary
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.space import AttackSpace


@pytest.mark.parametrize("knowledge", ["scores", "decisions"])
def test_it_finds_the_fewest_features_of_a_forest(knowledge) -> None:
    canary = forest_canary("l0", knowledge)
    y = canary.model.predict(canary.raw)
    target = AttackTarget(canary.model, canary.space, canary.raw, y, canary.pool)
    attack = FewFeatures()
    found, raw = verify(target, attack, attack(target, "l0", 1.0, 0), "l0", 1.0)
    assert (found >= canary.exact).all()
    assert (found == canary.exact).mean() >= 0.95
    changed = (raw != canary.raw).sum(axis=1)
    assert (changed == found)[np.isfinite(found)].all()


def xor(raw):
    """Return scores for class 1 if features 0 and 1 exceed 0.7, or feature 2 exceeds 0.9."""
    both = (raw[:, 0] > 0.7) & (raw[:, 1] > 0.7)
    score = np.where(both | (raw[:, 2] > 0.9), 1.0, 0.0)
    return np.stack([1 - score, score], axis=1)


def priced(target: AttackTarget, *price: float) -> AttackTarget:
    space = replace(target.space, features=Features(np.arange(4), np.array(price)))
    return AttackTarget(target.model, space, target.raw, target.y, target.pool)


def test_the_cheapest_features_are_taken_and_not_the_fewest(formula_target) -> None:
    raw = np.full((3, 4), 0.2)
    pool = np.array([[0.9, 0.9, 0.3, 0.3], [0.2, 0.1, 0.95, 0.6], [0.1, 0.1, 0.1, 0.1]])
    target = formula_target(xor, raw, pool)
    plain = FewFeatures()(target, "l0", 1.0, 0)
    assert ((plain.points != 0) == [False, False, True, False]).all()
    dear = FewFeatures()(priced(target, 1.0, 1.5, 4.0, 1.0), "l0", 3.0, 0)
    assert ((dear.points != 0) == [True, True, False, False]).all()


def test_each_move_is_as_short_as_the_others_let_it_be(formula_target) -> None:
    target = formula_target(xor, np.full((1, 4), 0.2), np.full((1, 4), 0.95))
    points = FewFeatures()(target, "l0", 1.0, 0).points
    assert points[0, 2] == pytest.approx(0.7, abs=1e-3)
    assert points[0, 2] > 0.7


def test_what_cannot_be_broken_survives(formula_target) -> None:
    target = formula_target(lambda raw: np.tile([1.0, 0.0], (len(raw), 1)), np.full((4, 3), 0.5))
    result = FewFeatures()(target, "l0", 3.0, 0)
    assert (result.outcome == Outcome.SURVIVED).all()
    assert (result.points == 0).all()


def test_every_change_that_it_leaves_is_needed(make_mixed_target) -> None:
    target = make_mixed_target(n=15)
    attack = FewFeatures()
    found, raw = verify(target, attack, attack(target, "l0", 2.0, 0), "l0", 2.0)
    broken = np.flatnonzero(np.isfinite(found))
    assert len(broken) >= 10
    parts = [target.space.axes[part] for part in FeatureMoves(target, 4).parts]
    for row in broken:
        for part in parts:
            less = raw[row].copy()
            if (less[part] == target.raw[row, part]).all():
                continue
            less[part] = target.raw[row, part]
            assert target.model.predict(less[None])[0] == target.y[row]


def test_giving_back_never_takes_more_features(make_mixed_target) -> None:
    target = make_mixed_target(n=20)
    rng = np.random.default_rng(0)
    raw, other = target.raw, target.raw[rng.permutation(20)]
    movable = target.space.touchable
    columns = [np.flatnonzero(movable.owner == f) for f in np.unique(movable.owner)]

    def mislabelled(rows, at):
        return target.model.predict(rows) != target.y[at]

    less = fewer_changes(mislabelled, raw, other, columns, target.space.scale)
    before = target.space.distance(raw, other, "l0")
    after = target.space.distance(raw, less, "l0")
    assert (after <= before).all()
    wrong = mislabelled(other, np.arange(20))
    assert wrong.any()
    assert (mislabelled(less, np.arange(20)) == wrong).all()
    assert (after < before)[wrong].any()


def test_moves_reach_the_ends_the_levels_and_both_sides_of_a_flag() -> None:
    space = AttackSpace(
        np.zeros(5),
        np.ones(5),
        np.zeros(5),
        np.array([4.0, 1, 1, 1, 1]),
        np.ones(5, dtype=bool),
        Rules(integer=(1,), one_hot=((2, 3, 4),)),
        Features(np.array([0, 0, 1, 1, 1]), np.ones(2)),
    )
    raw = np.array([[1.0, 0, 0, 1, 0]])

    class Model:
        knowledge, n_classes = "decisions", 2

    target = AttackTarget(Model(), space, raw, np.zeros(1, int), np.array([[3.0, 0, 1, 0, 0]]))
    moves = FeatureMoves(target, 3)
    points = moves.points(np.arange(1), np.arange(moves.count)[None])[0] + raw
    rows = {tuple(row) for row in points.tolist()}
    assert {(0, 0, 0, 1, 0), (4, 0, 0, 1, 0), (3, 0, 0, 1, 0)} <= rows
    assert {(1, 1, 0, 1, 0), (4, 1, 0, 1, 0)} <= rows
    assert {(1, 0, 1, 0, 0), (1, 0, 0, 0, 1)} <= rows
    assert all(sum(row[2:]) == 1 for row in rows)
    # a move is of one feature
    assert all((row[:2] == (1, 0)) or (row[2:] == (0, 1, 0)) for row in rows)


def test_other_norms_are_refused(make_target) -> None:
    with pytest.raises(NotApplicableError, match=r"few-features.*allows l0"):
        FewFeatures()(make_target(n=2), "linf", 0.1, 0)


@pytest.mark.parametrize("knowledge", ["scores", "decisions"])
def test_of_many_features_only_those_that_are_needed_are_kept(knowledge, formula_target) -> None:
    rng = np.random.default_rng(0)
    raw, pool = 0.2 + 0.1 * rng.random((6, 60)), 0.75 + 0.2 * rng.random((20, 60))

    def three(rows):
        score = (rows[:, [5, 20, 50]] > 0.7).all(axis=1) * 1.0
        return np.stack([1 - score, score], axis=1)

    target = formula_target(three, raw, pool)
    target.model = replace(target.model, knowledge=knowledge)
    points = FewFeatures()(target, "l0", 3.0, 0).points
    assert [np.flatnonzero(row).tolist() for row in points] == [[5, 20, 50]] * 6
