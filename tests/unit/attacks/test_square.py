from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.square import Square, _counts, _trials
from genlabel_robust.certify.exact import exact_margins


@pytest.mark.parametrize(("norm", "share"), [("linf", 0.9999), ("l2", 0.97)])
def test_on_an_affine_model_it_breaks_what_can_be_broken(norm, share, make_target) -> None:
    target = make_target(n=80, d=6, k=2, seed=3)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    eps = float(np.median(exact))
    broken = Square()(target, norm, eps, 0).outcome == Outcome.BROKEN
    assert broken[exact < share * eps].all()
    assert not broken[exact > 1.001 * eps].any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_on_a_staircase_it_breaks_what_a_single_feature_breaks(norm, formula_target) -> None:
    step = lambda raw: np.eye(2)[(raw[:, 0] > 0.7).astype(int)]  # noqa: E731
    raw = np.random.default_rng(0).uniform(0, 0.7, (40, 3))
    broken = Square()(formula_target(step, raw), norm, 0.2, 0).outcome == Outcome.BROKEN
    share = 1.0 if norm == "linf" else 0.8
    assert broken[raw[:, 0] > 0.7 - share * 0.2].all()
    assert not broken[raw[:, 0] <= 0.5].any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_single_feature_is_tried_both_ways(norm, formula_target) -> None:
    far = lambda raw: np.eye(2)[(np.abs(raw[:, 0] - 0.5) > 0.2).astype(int)]  # noqa: E731
    target = formula_target(far, [[0.6], [0.4], [0.5]])
    outcome = Square(moves=3)(target, norm, 0.15, 0).outcome
    assert outcome.tolist() == [Outcome.BROKEN, Outcome.BROKEN, Outcome.SURVIVED]


def test_what_an_example_gets_does_not_depend_on_its_company(formula_target) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(4, 5))
    scores = lambda raw: (np.sin(3 * raw)[..., None] * weight).sum(axis=1)  # noqa: E731
    target = formula_target(scores, rng.uniform(size=(30, 4)))
    rows = np.array([7, 3, 20])
    for norm in ("linf", "l2"):
        together = Square(moves=20)(target, norm, 0.1, 0)
        alone = Square(moves=20)(target.subset(rows), norm, 0.1, 0)
        assert (together.points[rows] == alone.points).all()


def test_trials_flip_signs_in_linf_and_keep_the_length_in_l2() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(50, 2, 6))
    points = rng.normal(size=(50, 6))
    flipped = _trials(points, draws, 2, "linf", 1.0)
    assert ((flipped == -points).sum(axis=1) == 2).all()
    assert ((flipped == points).sum(axis=1) == 4).all()
    points /= 2 * np.linalg.norm(points, axis=1, keepdims=True)
    shared = _trials(points, draws, 3, "l2", 1.0)
    np.testing.assert_allclose(np.linalg.norm(shared, axis=1), 1.0)
    assert ((shared == points).sum(axis=1) == 3).all()


def test_moves_take_ever_fewer_features() -> None:
    counts = _counts("linf", 30, 100)
    assert counts[0] == 24
    assert counts[-1] == 1
    assert (np.diff(counts) <= 0).all()
    assert _counts("l2", 30, 100).min() == 2
    assert _counts("l2", 1, 100).max() == 1
