from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.sign_bisect import SignBisect
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.threat.threat_model import distance


def distances(target, **settings) -> np.ndarray:
    result = SignBisect(**settings)(target, "linf", 0.0, 0)
    assert (result.outcome == Outcome.BROKEN).all()
    return distance(result.points, "linf")


@pytest.mark.parametrize("d", [1, 5, 30])
def test_with_two_classes_it_comes_to_the_exact_margin_of_an_affine_model(d, make_target) -> None:
    target = make_target(n=50, d=d, k=2, seed=1 if d == 1 else 3)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "linf")
    kept = np.isfinite(exact)
    assert kept.sum() > 10
    target = target.subset(np.flatnonzero(kept))
    np.testing.assert_allclose(distances(target), exact[kept], rtol=2e-4)
    assert target.queries.max() <= 500


def test_with_more_classes_all_starts_come_to_the_exact_margin(make_target) -> None:
    target = make_target(n=50, d=6, k=5)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "linf")
    ratio = distances(target, starts=5, max_queries=5000) / exact
    assert np.quantile(ratio, 0.9) < 1.0002
    assert ratio.min() > 1 - 1e-5


def test_on_a_curved_boundary_it_finds_the_best_vertex_in_reach_of_single_flips(
    formula_target,
) -> None:
    # away from a point by more than 0.4 in L2: every vertex of a cube around it is as good
    scores = lambda raw: np.stack(  # noqa: E731
        [0.4 - np.linalg.norm(raw - 0.5, axis=1), np.linalg.norm(raw - 0.5, axis=1) - 0.4], axis=1
    )
    rng = np.random.default_rng(0)
    raw = 0.5 + rng.uniform(-0.15, 0.15, (30, 3))
    target = formula_target(scores, raw, rng.uniform(0, 1, (100, 3)))
    best = np.full(30, np.inf)
    for signs in product((-1, 1), repeat=3):
        # |raw - 0.5 + r s| = 0.4, a quadratic equation in r
        b, c = (raw - 0.5) @ np.array(signs), ((raw - 0.5) ** 2).sum(axis=1) - 0.16
        best = np.minimum(best, (-b + np.sqrt(b**2 - 3 * c)) / 3)
    np.testing.assert_allclose(distances(target), best, rtol=2e-4)


def test_on_a_staircase_it_goes_straight_to_the_step(formula_target) -> None:
    step = lambda raw: np.eye(2)[(raw[:, 0] > 0.7).astype(int)]  # noqa: E731
    rng = np.random.default_rng(0)
    raw = rng.uniform(0, 0.6, (20, 6))
    target = formula_target(step, raw, rng.uniform(0, 1, (50, 6)))
    np.testing.assert_allclose(distances(target), 0.7 - raw[:, 0], rtol=1e-3)


def test_an_example_that_nothing_breaks_has_no_start(formula_target) -> None:
    target = formula_target(lambda raw: np.eye(2)[np.zeros(len(raw), int)], [[0.2, 0.3]] * 2)
    result = SignBisect()(target, "linf", 0.1, 0)
    assert (result.outcome == Outcome.NO_START).all()
    assert (result.points == 0).all()


def test_what_an_example_gets_does_not_depend_on_its_company(formula_target) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(4, 5))
    scores = lambda raw: (np.sin(3 * raw)[..., None] * weight).sum(axis=1)  # noqa: E731
    target = formula_target(scores, rng.uniform(size=(30, 4)), rng.uniform(size=(60, 4)))
    rows = np.array([7, 3, 20])
    together = SignBisect()(target, "linf", 0.1, 0)
    alone = SignBisect()(target.subset(rows), "linf", 0.1, 0)
    assert (together.points[rows] == alone.points).all()
    assert (together.queries[rows] == alone.queries).all()
