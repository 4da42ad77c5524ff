from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.starts import starting_points
from genlabel_robust.core.threat import distance


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
        others = target.from_pool(row)[labels != target.y[row]]
        assert distance(points[row], "l2") <= distance(others, "l2").min() + 1e-12


def test_an_empty_pool_is_made_up_for_by_corners_and_random_points(make_target) -> None:
    target = make_target(n=20)
    target.pool = target.pool[:0]
    points, found = starting_points(target, "linf", 0)
    assert found.all()
    assert (target.predict(points, np.arange(20)) != target.y).all()
