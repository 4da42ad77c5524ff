from __future__ import annotations

import numpy as np

from genlabel_robust.targets.watch import Watch


def test_the_nearest_adversarial_point_of_each_example_is_kept() -> None:
    watch = Watch(np.zeros((3, 2)), "linf")
    points = np.array([[3.0, 0], [1.0, 0], [0.5, 0], [2.0, 2], [0.1, 0]])
    rows = np.array([0, 0, 0, 2, 2])
    adversarial = np.array([True, True, False, True, False])
    watch.see(points, rows, adversarial)
    assert watch.distances.tolist() == [1.0, np.inf, 2.0]
    watch.see(np.array([[0.7, 0.7], [5.0, 0]]), np.array([0, 1]), np.array([True, True]))
    assert watch.distances.tolist() == [0.7, 5.0, 2.0]
    assert watch.points.tolist() == [[0.7, 0.7], [5.0, 0.0], [2.0, 2.0]]


def test_a_part_hands_over_what_is_nearer() -> None:
    whole, part = Watch(np.zeros((3, 1)), "l2"), Watch(np.zeros((2, 1)), "l2")
    whole.see(np.array([[1.0], [1.0]]), np.array([1, 2]), np.array([True, True]))
    part.see(np.array([[0.5], [4.0]]), np.array([0, 1]), np.array([True, True]))
    whole.take(part, np.array([2, 1]))
    assert whole.distances.tolist() == [np.inf, 1.0, 0.5]


def test_every_query_of_a_target_is_watched(make_target) -> None:
    target = make_target(n=4, widths=(8,))
    target.watch = Watch(target.x, "linf")
    points = np.repeat(target.box[1], 2, axis=0)
    rows = np.repeat(np.arange(4), 2)
    wrong = target.predict(points, rows) != target.y[rows]
    assert (np.isfinite(target.watch.distances) == wrong[::2]).all()
    part = target.subset(np.array([2, 3]))
    part.scores(target.box[0][2:], np.arange(2))
    target.absorb(part, np.array([2, 3]))
    assert target.queries.tolist() == [2, 2, 3, 3]
