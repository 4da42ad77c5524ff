from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.boundary_normal import BoundaryNormal
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.threat.threat_model import distance


def distances(target, **settings) -> np.ndarray:
    result = BoundaryNormal(**settings)(target, "l2", 0.0, 0)
    assert (result.outcome == Outcome.BROKEN).all()
    return distance(result.points, "l2")


@pytest.mark.parametrize("d", [1, 5, 30])
def test_with_two_classes_it_comes_close_to_the_exact_margin_of_an_affine_model(
    d, make_target
) -> None:
    target = make_target(n=50, d=d, k=2, seed=1 if d == 1 else 3)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    kept = np.isfinite(exact)
    assert kept.sum() > 10
    target = target.subset(np.flatnonzero(kept))
    ratio = distances(target) / exact[kept]
    assert np.median(ratio) < 1.002
    assert ratio.max() < 1.02
    assert ratio.min() > 1 - 1e-5
    assert target.queries.max() <= 1000


def test_more_bits_and_rounds_come_to_the_exact_margin_inside_the_box(make_target) -> None:
    target = make_target(n=50, d=6, k=4)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    ratio = distances(target, bits=12, starts=4, max_queries=10_000) / exact
    # many of the nearest points lie on walls of the box: they are no multiple of the normal
    assert np.quantile(ratio, 0.9) < 1.0003


def test_outside_a_sphere_is_reached_along_its_radius(formula_target) -> None:
    scores = lambda raw: np.stack(  # noqa: E731
        [0.4 - np.linalg.norm(raw - 0.5, axis=1), np.linalg.norm(raw - 0.5, axis=1) - 0.4], axis=1
    )
    rng = np.random.default_rng(0)
    raw = 0.5 + rng.uniform(-0.15, 0.15, (30, 4))
    target = formula_target(scores, raw, rng.uniform(0, 1, (100, 4)))
    exact = 0.4 - np.linalg.norm(raw - 0.5, axis=1)
    ratio = distances(target) / exact
    assert np.median(ratio) < 1.002
    assert ratio.max() < 1.02
    assert ratio.min() > 1 - 1e-9


def test_an_example_that_nothing_breaks_has_no_start(formula_target) -> None:
    target = formula_target(lambda raw: np.eye(2)[np.zeros(len(raw), int)], [[0.2, 0.3]] * 2)
    result = BoundaryNormal()(target, "l2", 0.1, 0)
    assert (result.outcome == Outcome.NO_START).all()


def test_what_an_example_gets_does_not_depend_on_its_company(formula_target) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(4, 5))
    scores = lambda raw: (np.sin(3 * raw)[..., None] * weight).sum(axis=1)  # noqa: E731
    target = formula_target(scores, rng.uniform(size=(30, 4)), rng.uniform(size=(60, 4)))
    rows = np.array([7, 3, 20])
    together = BoundaryNormal()(target, "l2", 0.1, 0)
    alone = BoundaryNormal()(target.subset(rows), "l2", 0.1, 0)
    assert (together.points[rows] == alone.points).all()
    assert (together.queries[rows] == alone.queries).all()
