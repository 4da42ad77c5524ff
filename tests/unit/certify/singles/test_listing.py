from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.singles.listing import cell_points, whole_points
from genlabel_robust.certify.singles.ways import Lines


def line(here: float, low: float, high: float, cost: float = 0.0) -> Lines:
    number = [np.array([value]) for value in (low, high, cost, low, high)]
    return Lines(np.array([0]), np.array([[here]]), *number)


def numbers(points) -> list[float]:
    return sorted(points.values[:, 0].tolist())


def test_each_cell_has_its_nearest_value() -> None:
    thresholds = np.array([1.0, 2.5, 4.0, 9.0])
    found = numbers(cell_points(line(3.0, 0.0, 8.0), thresholds, whole=False))
    assert found == [1.0, 2.5, np.nextafter(4.0, np.inf)]


def test_a_value_at_a_threshold_belongs_to_the_cell_below() -> None:
    thresholds = np.array([3.0])
    assert numbers(cell_points(line(3.0, 0.0, 8.0), thresholds, whole=False)) == [
        np.nextafter(3.0, np.inf)
    ]
    above = float(np.nextafter(3.0, np.inf))
    assert numbers(cell_points(line(above, 0.0, 8.0), thresholds, whole=False)) == [3.0]


def test_whole_steps_pass_a_threshold_by_the_first_that_does() -> None:
    thresholds = np.array([2.0, 2.2, 4.5, 5.0])
    assert numbers(cell_points(line(3.0, -9.0, 9.0), thresholds, whole=True)) == [2.0, 5.0, 6.0]
    assert numbers(cell_points(line(3.5, -9.0, 9.0), thresholds, whole=True)) == [1.5, 5.5]


@pytest.mark.parametrize("seed", range(30))
def test_every_cell_in_reach_is_met(seed: int) -> None:
    rng = np.random.default_rng(seed)
    thresholds = np.unique(np.round(rng.uniform(0, 10, 12), int(rng.integers(0, 3))))
    here = float(rng.choice([*thresholds, *np.round(rng.uniform(0, 10, 5))]))
    low, high = here - rng.uniform(0, 5), here + rng.uniform(0, 5)
    values = np.concatenate(
        [np.linspace(low, high, 2001), thresholds, np.nextafter(thresholds, 99)]
    )
    values = values[(values >= low) & (values <= high)]
    cells = set(thresholds.searchsorted(values).tolist()) - {int(thresholds.searchsorted(here))}
    found = cell_points(line(here, low, high), thresholds, whole=False).values[:, 0]
    inside = found[(found >= low) & (found <= high)]
    assert set(thresholds.searchsorted(inside).tolist()) == cells


def test_whole_points_leave_out_where_a_line_begins_only_if_that_is_the_example() -> None:
    assert numbers(whole_points(line(3.0, 0.5, 5.0))) == [1.0, 2.0, 4.0, 5.0]
    assert numbers(whole_points(line(3.0, 2.0, 3.0, cost=0.1))) == [2.0, 3.0]
    assert numbers(whole_points(line(3.0, 3.0, 3.0))) == []
