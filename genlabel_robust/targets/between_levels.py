"""Gradients among the levels of a category, of which a row has one."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray


def between_levels(
    gradient: FloatArray, groups: Sequence[IntArray], shown: FloatArray, may: BoolArray
) -> FloatArray:
    """Return ``gradient`` (q, m) with what a switch of a category gains, on the two levels of it.

    ``groups``: the features of each category; ``shown`` (q, m): the rows, of whose categories the
    largest feature is the level; ``may`` (q, m) marks what can move at all. A model of all levels
    knows their weights but for a constant of the group, so that the sign of one says nothing: it
    may raise the loss to leave a level whose own slope is upward. What counts is the difference.
    Half of that of the best other level goes upward there, and downward on the level that the row
    has; if no other is better, the other way round on all others. So a step by signs is a step
    towards the best switch, and a switch gains by the gradient what it gains.
    """
    found, every = gradient.copy(), np.arange(len(gradient))
    for group in groups:
        if len(group) < 2:
            continue
        slope, here = gradient[:, group], shown[:, group].argmax(axis=1)
        others = slope.copy()
        others[~may[:, group]] = -np.inf
        others[every, here] = -np.inf
        best = others.argmax(axis=1)
        gain = (others[every, best] - slope[every, here]) / 2
        gain = np.where(np.isfinite(gain), gain, 0.0)  # there is no other
        new = np.where((gain > 0)[:, None], 0.0, gain[:, None]) * np.ones(len(group))
        new[every, best] = gain
        new[every, here] = -gain
        found[:, group] = new
    return found
