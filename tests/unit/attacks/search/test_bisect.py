from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.search.bisect import bisect, crossing


def test_points_end_on_the_far_side_and_within_the_stated_share_of_the_segment(
    make_target,
) -> None:
    target = make_target(n=30)
    rows = np.arange(30)
    far = target.enter(target.pool[:30], rows)
    rows = rows[target.predict(far, rows) != target.y]
    assert len(rows) > 5
    points = bisect(target, far[rows], rows, halvings=12)
    assert (target.predict(points, rows) != target.y[rows]).all()
    nearer = points - 2 * 2.0**-12 * far[rows]
    share = np.abs(points).max(axis=1) / np.abs(far[rows]).max(axis=1)
    crossing = target.predict(nearer, rows) == target.y[rows]
    assert crossing[share > 2 * 2.0**-12].all()


def test_no_points_need_no_queries(make_target) -> None:
    target = make_target(n=3)
    empty = np.zeros((0, target.n_features))
    assert bisect(target, empty, np.zeros(0, dtype=int)).shape == empty.shape
    assert target.queries.sum() == 0


def test_a_change_is_enclosed_as_closely_as_the_halvings_allow() -> None:
    change, upper = np.array([0.3, 1.0, 5.0]), np.array([1.0, 1.0, 8.0])
    before, after = crossing(lambda number: number >= change, upper, halvings=20)
    assert (before < change).all()
    assert (change <= after).all()
    np.testing.assert_allclose(after - before, upper * 2.0**-20)
