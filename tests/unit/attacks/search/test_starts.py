from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.search.starts import class_starts, starting_points
from genlabel_robust.threat.threat_model import distance


def corner_class(raw: np.ndarray) -> np.ndarray:
    """Class 1 where every feature exceeds 0.9, class 0 elsewhere."""
    inside = (raw > 0.9).all(axis=1)
    return np.stack([~inside, inside], axis=1).astype(float)


def test_every_start_is_adversarial_and_in_its_box(make_target) -> None:
    target = make_target(n=40, widths=(16,))
    points, found = starting_points(target, "linf", 0)
    low, high = target.box
    assert found.all()
    assert (target.predict(points, np.arange(40)) != target.y).all()
    assert ((points >= low) & (points <= high)).all()


def test_a_start_is_nearer_than_the_nearest_pool_row_of_another_class(make_target) -> None:
    target = make_target(n=30)
    points, _ = starting_points(target, "l2", 0)
    labels = target.model.predict(target.pool)
    for row in range(30):
        pool = target.enter(target.pool, np.full(len(target.pool), row))
        others = pool[labels != target.y[row]]
        assert distance(points[row], "l2") <= distance(others, "l2").min() + 1e-12


def test_every_class_of_the_pool_but_the_own_one_gives_a_start_of_its_own(make_target) -> None:
    target = make_target(n=30, k=4)
    points, far = class_starts(target, "l2", 0)
    classes = np.unique(target.pool_labels)
    assert len(classes) > 2
    for row, label in enumerate(target.y):
        others = classes[classes != label]
        assert np.isinf(far[row, label])
        assert np.isfinite(far[row, others]).all()
        segments = points[row, others]
        assert len(np.unique(segments.round(12), axis=0)) == len(others)
        rows = np.full(len(others), row)
        assert (target.predict(segments, rows) != label).all()
        np.testing.assert_allclose(distance(segments, "l2"), far[row, others])


def test_a_start_lies_on_the_boundary_of_the_straight_way_to_the_nearest_pool_row(
    formula_target,
) -> None:
    scores = lambda raw: np.stack([0.6 - raw[:, 0], raw[:, 0] - 0.6], axis=1)  # noqa: E731
    target = formula_target(scores, [[0.1, 0.5]], [[1.0, 0.5], [0.9, 0.4], [0.2, 0.5]])
    points, far = class_starts(target, "linf", 0, halvings=30)
    np.testing.assert_allclose(points[0, 1], [0.5, -0.0625], atol=1e-8)
    np.testing.assert_allclose(far, [[np.inf, 0.5]], atol=1e-8)


def test_an_empty_pool_is_made_up_for_by_corners_and_random_points(make_target) -> None:
    target = make_target(n=20)
    target.pool = target.pool[:0]
    points, found = starting_points(target, "linf", 0)
    assert found.all()
    assert (target.predict(points, np.arange(20)) != target.y).all()


def test_a_class_that_only_corners_reach_is_found(formula_target) -> None:
    raw = np.random.default_rng(0).uniform(0, 0.5, (10, 2))
    points, found = starting_points(formula_target(corner_class, raw), "linf", 0)
    assert found.all()
    assert (raw + points > 0.9).all()


def test_where_no_start_exists_none_is_claimed(formula_target) -> None:
    target = formula_target(lambda raw: np.eye(2)[np.zeros(len(raw), int)], [[0.2, 0.3]] * 3)
    points, found = starting_points(target, "l2", 0)
    assert not found.any()
    assert (points == 0).all()


def test_what_an_example_gets_does_not_depend_on_its_company(formula_target) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(3, 5))
    raw, pool = rng.uniform(size=(30, 3)), rng.uniform(size=(50, 3))
    target = formula_target(lambda rows: (rows[..., None] * weight).sum(axis=1), raw, pool)
    for without_pool in (False, True):
        if without_pool:
            target = formula_target(target.model.scores, raw)
        rows = np.array([7, 3, 20])
        together, far = class_starts(target, "linf", 0)
        alone, far_alone = class_starts(target.subset(rows), "linf", 0)
        assert (together[rows] == alone).all()
        assert (far[rows] == far_alone).all()


def test_questions_do_not_grow_with_the_pool_nor_without_end_with_the_classes(
    formula_target,
) -> None:
    rng = np.random.default_rng(2)
    for k in (2, 60):
        weight = rng.normal(size=(6, k))
        scores = lambda raw, weight=weight: (raw - 0.5) @ weight  # noqa: E731
        target = formula_target(scores, rng.uniform(size=(5, 6)), rng.uniform(size=(5000, 6)))
        class_starts(target, "l2", 0, halvings=10)
        assert target.queries.max() <= (3 + 10 if k == 2 else 59 + 16 * 10)


def test_a_class_that_the_pool_lacks_gives_starts_too(formula_target) -> None:
    def scores(raw: np.ndarray) -> np.ndarray:
        return np.eye(3)[np.where(raw[:, 0] > 0.8, 1 + (raw[:, 1] > 0.8), 0)]

    raw = np.random.default_rng(0).uniform(0, 0.7, (10, 2))
    target = formula_target(scores, raw, [[0.1, 0.1], [0.9, 0.1]])
    _, far = class_starts(target, "linf", 0)
    assert np.isfinite(far[:, 1:]).all()
