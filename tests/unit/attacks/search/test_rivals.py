from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.search.rivals import likeliest_rivals, nearest_rivals
from genlabel_robust.targets.visited import Visited, nearest
from genlabel_robust.threat.shortest_step import least_distance


def test_the_likeliest_rivals_are_the_next_best_scores_in_order(make_target) -> None:
    target = make_target(n=20, k=5, widths=(8,))
    ranking = np.argsort(-target.model.scores(target.raw), axis=1)
    assert (ranking[:, 0] == target.y).all()
    assert (ranking[:, 1:4] == likeliest_rivals(target, 3).T).all()
    assert likeliest_rivals(target, 9).shape == (4, 20)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_nearest_rivals_of_an_affine_model_are_those_of_the_exact_margins(
    norm, make_target
) -> None:
    target = make_target(n=30, k=5)
    found = nearest_rivals(Visited(target, nearest(target, norm)), norm, 2)
    weight, bias = target.model.affine()
    scores = target.raw @ weight.T + bias
    low, high = target.box
    for row in range(30):
        others = [c for c in range(5) if c != target.y[row]]
        toward = weight[others] - weight[target.y[row]]
        gap = scores[row, target.y[row]] - scores[row, others]
        far = least_distance(np.abs(toward), np.where(toward > 0, high[row], -low[row]), gap, norm)
        assert found[:, row].tolist() == [others[i] for i in np.argsort(far)[:2]]


def test_where_every_class_is_a_rival_none_is_asked_about(make_target) -> None:
    target = make_target(n=6, k=3)
    rivals = nearest_rivals(Visited(target, nearest(target, "l2")), "l2", 2)
    assert (np.sort([*rivals, target.y], axis=0) == np.arange(3)[:, None]).all()
    assert (target.queries == 0).all()
