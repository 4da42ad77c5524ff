from __future__ import annotations

import numpy as np
import torch

from genlabel_robust.core.scores import logit_margin
from genlabel_robust.targets.losses import margin
from genlabel_robust.targets.visited import Visited, lowest_margin, nearest
from genlabel_robust.threat.threat_model import distance

SHIFTS = (0.0, 0.1, -0.1, 0.2, -0.3, 0.05)


def test_the_point_with_the_lowest_margin_is_kept(make_target) -> None:
    target = make_target(n=6, widths=(8,))
    everyone = np.arange(6)
    visited = Visited(target, lowest_margin(target))
    margins = []
    for number, shift in enumerate(SHIFTS):
        points = target.x + shift
        ask = visited.scores if number % 2 else lambda p, r: visited.gradient(p, r, margin)[0]
        margins.append(logit_margin(ask(points, everyone), target.y))
    best = np.argmin(margins, axis=0)
    assert len(set(best)) > 1
    assert (visited.rank == np.min(margins, axis=0)).all()
    assert (visited.points == np.array(SHIFTS)[best][:, None]).all()


def test_the_nearest_mislabelled_point_is_kept(make_target) -> None:
    target = make_target(n=30, widths=(8,))
    everyone = np.arange(30)
    visited = Visited(target, nearest(target, "l2"))
    best = np.full(30, np.inf)
    for shift in SHIFTS:
        points = target.x + shift
        visited.scores(points, everyone)
        wrong = target.model.predict(target.to_raw(points, everyone)) != target.y
        best = np.where(wrong, np.minimum(best, distance(points, "l2")), best)
    assert 0 < np.isinf(best).sum() < 30
    assert (visited.rank == best).all()


def test_a_tie_counts_as_the_class_that_the_model_takes(make_target) -> None:
    target = make_target(n=2, k=2)
    with torch.no_grad():  # every score ties, and the model takes class 0
        target.model.module[0].weight.zero_()
        target.model.module[0].bias.zero_()
    target.y[:] = [0, 1]
    visited = Visited(target, lowest_margin(target))
    visited.scores(target.x, np.arange(2))
    assert (visited.rank < 0).tolist() == [False, True]


def test_useless_gradients_are_counted_and_made_zero(make_target) -> None:
    target = make_target(n=8)
    everyone = np.arange(8)
    layer = target.model.module[0]
    visited = Visited(target, lowest_margin(target))
    visited.gradient(target.x, everyone, margin)
    with torch.no_grad():
        layer.weight[:, 0] = torch.nan
    _, gradient = visited.gradient(target.x, everyone, margin)
    assert (gradient == 0).all()
    with torch.no_grad():
        layer.weight.zero_()
    visited.gradient(target.x, everyone, margin)
    assert visited.health == (24, 8, 8)
