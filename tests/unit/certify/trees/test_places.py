from __future__ import annotations

import numpy as np

from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.certify.trees.places import Grid
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.violations import violations


def stumps(thresholds: list[tuple[int, float]]) -> TreeEnsemble:
    """Return a tree with one split for each (feature, threshold)."""
    n = len(thresholds)
    leaf = np.arange(3 * n) % 3 != 0
    root = np.arange(3 * n) - np.arange(3 * n) % 3
    feature = np.full(3 * n, -1)
    feature[::3] = [f for f, _ in thresholds]
    threshold = np.zeros(3 * n)
    threshold[::3] = [t for _, t in thresholds]
    own = np.arange(3 * n)
    left, right = np.where(leaf, own, root + 1), np.where(leaf, own, root + 2)
    value = np.zeros((3 * n, 2))
    return TreeEnsemble(own[::3], feature, threshold, left, right, value, np.zeros(2), 0.0)


def test_places_are_the_cells_in_which_a_row_is_allowed() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        trees = stumps(
            [
                (int(rng.integers(4)), float(rng.choice([-1.0, -0.5, 0.1, 1.0, 2.0, rng.normal()])))
                for _ in range(12)
            ]
        )
        rules = Rules(increasing=(0,), decreasing=(1,), integer=(1, 2))
        offset, scale = rng.normal(size=4), rng.uniform(0.5, 2, 4)
        low, high = np.full(4, -2.0), np.array([1.5, 1.0, 2.0, 0.1])
        mutable = np.array([True, True, True, rng.random() < 0.8])
        space = AttackSpace(
            offset, scale, (low - offset) / scale, (high - offset) / scale, mutable, rules
        )
        raw = np.round(rng.uniform(-2, 2, 4), 1)
        boxes = leaf_boxes(trees, 4)
        places = Grid(boxes, space, "linf").places(raw)
        for feature in range(4):
            thresholds = boxes.thresholds[feature]
            if not len(thresholds):
                assert feature not in places.feature
                continue
            tried = np.concatenate(
                [thresholds, np.nextafter(thresholds, np.inf), raw[feature] + np.arange(-6, 7)]
            )
            rows = np.repeat(raw[None], len(tried), axis=0)
            rows[:, feature] = tried
            allowed = ~violations(space, np.repeat(raw[None], len(rows), axis=0), rows)
            own = places.feature == feature
            cells = np.searchsorted(thresholds, tried)
            assert set(cells[allowed]) == set(places.cell[own])
            for cell, value in zip(places.cell[own], places.value[own], strict=True):
                nearest = np.abs(tried[allowed & (cells == cell)] - raw[feature]).min()
                assert abs(value - raw[feature]) == nearest


def test_a_category_has_the_places_0_and_1_whatever_the_thresholds() -> None:
    trees = stumps([(0, 0.5), (2, 0.25), (2, 0.75)])
    one = np.ones(3)
    space = AttackSpace(
        np.zeros(3), one, np.zeros(3), one, np.ones(3, dtype=bool), Rules(one_hot=((0, 1),))
    )
    places = Grid(leaf_boxes(trees, 3), space, "linf").places(np.array([1.0, 0.0, 0.5]))
    np.testing.assert_array_equal(places.feature, [0, 0, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(places.value[:4], [0, 1, 0, 1])
    np.testing.assert_array_equal(places.cell, [0, 1, 0, 0, 0, 1, 2])


def test_a_whole_number_is_not_moved_to_the_edge_of_a_cell_beside_zero() -> None:
    tiny = 1.0000000180025096e-35
    one = np.ones(1)
    space = AttackSpace(-7 * one, one, 0 * one, 20 * one, one > 0, Rules(integer=(0,)))
    grid = Grid(leaf_boxes(stumps([(0, -tiny), (0, tiny)]), 1), space, "linf")
    for raw in (-2.0, 0.0, 3.0):
        places = grid.places(np.array([raw]))
        np.testing.assert_array_equal(places.value, [min(raw, -1.0), 0.0, max(raw, 1.0)])


def test_a_whole_step_ends_in_one_cell_however_narrow() -> None:
    """Between two thresholds lies -0.7 alone, a whole step from -1.7; what is beside it is none."""
    before, step = np.nextafter(-0.7, -1.0), -0.7
    one = np.ones(1)
    space = AttackSpace(-1.9 * one, 1.6 * one, 0 * one, 2 * one, one > 0, Rules(integer=(0,)))
    grid = Grid(leaf_boxes(stumps([(0, before), (0, step)]), 1), space, "linf")
    assert step == -1.7 + 1
    places = grid.places(np.array([-1.7]))
    np.testing.assert_array_equal(places.value, [-1.7, step, -1.7 + 2])


def test_a_row_at_the_edge_of_its_box_has_no_place_beside_it() -> None:
    tiny = 1.0000000180025096e-35
    one = np.ones(1)
    space = AttackSpace(-7 * one, 3 * one, 0 * one, 7 / 3 * one, one > 0)
    grid = Grid(leaf_boxes(stumps([(0, -1.0), (0, tiny)]), 1), space, "linf")
    np.testing.assert_array_equal(grid.places(np.zeros(1)).value, [-1.0, 0.0])
