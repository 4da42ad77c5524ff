"""Gradients between the categories of a one-hot feature."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray


def between_levels(
    gradient: FloatArray, groups: Sequence[IntArray], points: FloatArray, may: BoolArray
) -> FloatArray:
    """Replace the slopes of one-hot columns in ``gradient`` (q, m) by those of the best switch.

    ``groups``: the columns of each category; ``points`` (q, m): the rows, whose level is the column
    with the largest value; ``may`` (q, m) marks the columns that can move. A model's weights on all
    levels of a group are only defined up to a constant, so the sign of one weight means nothing:
    leaving a level may raise the loss even if its own slope is positive. Only the difference of two
    levels matters. Half of the difference between the best other level and the row's level becomes
    the slope of the former, and its negative the slope of the latter. If no other level is better,
    all others get the negative difference. So a step along signs moves towards the best switch,
    and the gradient predicts the true gain of a switch.
    """
    found, every = gradient.copy(), np.arange(len(gradient))
    for group in groups:
        if len(group) < 2:
            continue
        slope, here = gradient[:, group], points[:, group].argmax(axis=1)
        others = slope.copy()
        others[~may[:, group]] = -np.inf
        others[every, here] = -np.inf
        best = others.argmax(axis=1)
        gain = (others[every, best] - slope[every, here]) / 2
        gain = np.where(np.isfinite(gain), gain, 0.0)  # no other level is allowed
        new = np.where((gain > 0)[:, None], 0.0, gain[:, None]) * np.ones(len(group))
        new[every, best] = gain
        new[every, here] = -gain
        found[:, group] = new
    return found
