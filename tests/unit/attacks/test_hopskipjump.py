from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.hopskipjump import HopSkipJump, _normals
from genlabel_robust.attacks.search.decision_attack import DecisionSearch
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import doubled
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat.threat_model import distance

NORMS = ["linf", "l2"]


def exact(target, norm: str) -> np.ndarray:
    return exact_margins(target.model, target.space, target.raw, target.y, norm)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("k", [2, 5])
def test_a_long_walk_comes_to_the_exact_margin_of_an_affine_model(norm, k, make_target) -> None:
    target = make_target(n=40, d=4, k=k)
    result = HopSkipJump(iterations=40, evaluations=100, max_queries=100_000)(target, norm, 0, 0)
    ratio = distance(result.points, norm) / exact(target, norm)
    assert np.median(ratio) < 1.01
    assert ratio.min() > 1 - 1e-4


def test_more_iterations_come_nearer(make_target) -> None:
    target = make_target(n=30, d=10, widths=(16,))
    few = HopSkipJump(iterations=3, evaluations=50)
    near, nearer = (distance(a(target, "l2", 0, 0).points, "l2") for a in (few, doubled(few)))
    assert nearer.mean() < 0.98 * near.mean()


@pytest.mark.parametrize("norm", NORMS)
def test_the_estimated_normal_is_that_of_the_boundary(norm, make_target) -> None:
    target = make_target(n=20, d=4, k=2)
    target.space.low[:], target.space.high[:] = -50, 50  # no probe is cut by the box
    search = DecisionSearch(target, norm)
    rows = search.begin(0, None)
    generators = streams(target, rows, 0, "test")
    # met within a thousandth of the distance, probed at a quarter
    found = _normals(search, search.points[rows], rows, 4000, generators)
    weight, _ = target.model.affine()
    away = (weight[1] - weight[0]) * np.where(target.y == 0, 1, -1)[:, None]
    if norm == "linf":
        clear = np.abs(away) > 0.2 * np.abs(away).max()
        assert (found == np.sign(away))[clear].all()
    else:
        cosine = (found * away).sum(axis=1) / np.linalg.norm(away, axis=1)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
        assert cosine.min() > 0.99


@pytest.mark.parametrize("norm", NORMS)
def test_the_nearest_point_ever_asked_about_is_returned(norm, make_target) -> None:
    target = make_target(n=25, widths=(16,))
    target.watch = Watch(target.x, norm)
    result = HopSkipJump(iterations=4)(target, norm, 0, 0)
    assert (distance(result.points, norm) <= target.watch.distances * (1 + 1e-12)).all()


@pytest.mark.parametrize("norm", NORMS)
def test_an_example_gets_the_same_alone_and_in_company(norm, make_target) -> None:
    target = make_target(n=12, widths=(16,))
    attack = HopSkipJump(iterations=4)
    together = attack(target, norm, 0, 5)
    for row in (0, 7):
        alone = attack(target.subset(np.array([row])), norm, 0, 5)
        assert (alone.points[0] == together.points[row]).all()
        assert alone.queries[0] == together.queries[row]


def test_no_example_asks_about_more_points_than_it_may(make_target) -> None:
    target = make_target(n=20)
    for most in (500, 2000):
        result = HopSkipJump(iterations=1000, evaluations=100, max_queries=most)(target, "l2", 0, 0)
        # the last bisection comes on top
        assert (result.queries <= most + 22 + 1).all()
        assert (result.queries > most / 2).all()


@pytest.mark.parametrize("norm", NORMS)
def test_one_feature_and_features_without_room_are_no_obstacle(norm, make_target) -> None:
    one = make_target(n=15, d=1, k=2, seed=1)
    result = HopSkipJump(iterations=3)(one, norm, 0, 0)
    np.testing.assert_allclose(distance(result.points, norm), exact(one, norm), rtol=1e-4)
    narrow = make_target(n=15, d=4)
    narrow.space.low[2] = narrow.space.high[2] = 0.5
    narrow.raw[:, 2] = 0.5
    narrow.y = narrow.model.predict(narrow.raw)
    result = HopSkipJump(iterations=3)(narrow, norm, 0, 0)
    assert (result.outcome == Outcome.BROKEN).all()
    assert (result.points[:, 2] == 0).all()


def test_an_example_without_a_start_does_not_count_as_robust(make_target) -> None:
    target = make_target(n=5)
    with torch.no_grad():
        target.model.module[0].weight.zero_()
    target.y = target.model.predict(target.raw)
    assert (HopSkipJump()(target, "l2", 0, 0).outcome == Outcome.NO_START).all()


def test_a_start_that_is_given_is_begun_from(make_target) -> None:
    target = make_target(n=10, d=3)
    near = HopSkipJump(iterations=30, max_queries=50_000)(target, "l2", 0, 0).points
    lazy = HopSkipJump(max_queries=1)
    without, given = (lazy(target, "l2", 0, 0, start).points for start in (None, near))
    assert (distance(given, "l2") <= distance(near, "l2")).all()
    assert distance(given, "l2").mean() < distance(without, "l2").mean()
