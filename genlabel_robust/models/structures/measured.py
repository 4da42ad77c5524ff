"""How far a model's own scores are off those of its net in exact arithmetic, as measured."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.models.adapters.library_scores import library_scores
from genlabel_robust.models.model import Model
from genlabel_robust.structure.relu_net import ReluNet

#: Differences beyond this share of the scores, in units of roundoff, are those of a link function.
_LINK = 2.0**10


def measured_rounding(net: ReluNet, model: Model, raw: FloatArray, y: IntArray) -> float | None:
    """Return the largest difference between leads as ``model`` computes them and as ``net`` does.

    Of the labels ``y`` (n,) of the rows ``raw`` (n, d) over every other class. None where the model
    gives no scores of before a softmax or sigmoid.
    """
    own, told = net.scores(raw), library_scores(model, raw)[0]
    if not len(raw) or told.shape != own.shape or not np.isfinite(told).all():
        return None
    every = np.arange(len(raw))
    apart = told - own
    apart = np.abs(apart - apart[every, y][:, None]).max(axis=1)
    if (apart > _LINK * net.rounding * (1 + np.abs(own).max(axis=1))).any():
        return None
    return float(apart.max())
