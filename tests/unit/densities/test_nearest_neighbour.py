from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genlabel_robust.densities import nearest_neighbour

small_whole = st.integers(-3, 3).map(float)


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float64, (7, 2), elements=small_whole),
    arrays(np.float64, (9, 2), elements=small_whole),
    st.sampled_from([0.0, 1e3]),
)
def test_nearest_is_the_first_of_the_nearest(points, rows, offset):
    points, rows = points / 2 + offset, rows + offset
    distance = ((points[:, None] - rows[None]) ** 2).sum(axis=2)
    found = nearest_neighbour.nearest(torch.tensor(points), torch.tensor(rows))
    assert found.tolist() == distance.argmin(axis=1).tolist()


def test_blocks_do_not_change_the_answer(monkeypatch):
    rng = np.random.default_rng(0)
    points, rows = torch.tensor(rng.normal(size=(50, 3))), torch.tensor(rng.normal(size=(20, 3)))
    whole = nearest_neighbour.nearest(points, rows)
    monkeypatch.setattr(nearest_neighbour, "BLOCK", 61)
    assert torch.equal(nearest_neighbour.nearest(points, rows), whole)


def test_log_density_is_zero_for_the_nearest_class_only():
    density = nearest_neighbour.NearestNeighbourDensity()
    density.fit(np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1]), 2)
    inf = float("inf")
    assert density.log_density(np.array([[0.9], [4.4], [2.5]])).tolist() == [
        [0.0, -inf],
        [-inf, 0.0],
        [0.0, -inf],
    ]
