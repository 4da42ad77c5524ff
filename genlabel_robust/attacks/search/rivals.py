"""The target classes of targeted runs."""

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.targets.losses import toward
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Norm
from genlabel_robust.threat.shortest_step import least_distance


def likeliest_rivals(target: AttackTarget, count: int) -> IntArray:
    """Return the other classes with the highest scores at the examples, likeliest first.

    Shape (t, n), where t is the smaller of ``count`` and k - 1.
    """
    everyone = np.arange(len(target.x))
    scores = target.scores(target.x, everyone)
    scores[everyone, target.y] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, : min(count, target.n_classes - 1)].T


def nearest_rivals(visited: Visited, norm: Norm, count: int) -> IntArray:
    """Return the other classes whose linearised boundaries are nearest, in the box.

    Shape (t, n), as for ``likeliest_rivals``. If t = k - 1 the order is arbitrary, and the model
    is not queried.
    """
    target = visited.target
    everyone = np.arange(len(target.x))
    others = (target.y + np.arange(1, target.n_classes)[:, None]) % target.n_classes
    if len(others) <= count:
        return others
    low, high = target.box
    far = []
    for rival in others:
        scores, gradient = visited.gradient(target.x, everyone, toward(rival))
        gap = scores[everyone, target.y] - scores[everyone, rival]
        far.append(least_distance(np.abs(gradient), np.where(gradient > 0, high, -low), gap, norm))
    nearest = np.argsort(far, axis=0, kind="stable")[:count]
    return np.take_along_axis(others, nearest, axis=0)
