"""How a box is cut in two: between contradictory leaves, or in the middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.votes.bounds import Bounder, Boxes
from genlabel_robust.certify.votes.smooth import Net
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The weight of both halves' total gain relative to the gain of the worse half.
_BOTH = 0.05
#: The gain of a net's own bounds from halving an axis, as a share of its slope's estimate.
_NETS = 0.25
#: Boxes without a threshold are not halved below this share of the region.
_THINNEST = 1e-7


@dataclass(frozen=True, eq=False)
class Cut:
    """The cuts of q boxes along ``axes`` (q,): up to ``below`` (q,), and from ``above`` (q,) on.

    ``possible`` (q,): whether there is room for a cut at all.
    """

    axes: IntArray
    below: FloatArray
    above: FloatArray
    possible: BoolArray


def best_leaves(bounder: Bounder, boxes: Boxes) -> IntArray:
    """Return the leaf (q, t) of each tree with the smallest lead over the worst rival."""
    leaves = bounder.leaves
    gain = leaves.gain.T[boxes.rival]
    is_best = boxes.mask & (gain <= boxes.least[:, leaves.tree])
    number = np.where(is_best, np.arange(gain.shape[1]), -1)
    return np.asarray(np.maximum.reduceat(number, leaves.starts, axis=1))


def chosen_cut(bounder: Bounder, boxes: Boxes) -> Cut:
    """Return the cut of each box with the largest estimated gain for the bounds of both halves."""
    region, q = bounder.region, len(boxes)
    every = np.arange(q)
    down, up = _smooth_gains(bounder, boxes)
    width = boxes.high - boxes.low
    middle = boxes.low + width / 2
    worth = np.minimum(down, up) / 2 + _BOTH * (down + up) / 2
    # thin axes gain nothing
    span = np.maximum(region.high - region.low, 1e-300)
    wide = np.zeros(width.shape, dtype=bool)
    wide[:, region.free] = (width > _THINNEST * span)[:, region.free]
    below, above = _middles(bounder, middle)
    wide &= (below >= boxes.low) & (above <= boxes.high)
    worth = np.where(wide, worth + 1e-12 * width / span, -1.0)
    axes = worth.argmax(axis=1)
    best = worth[every, axes]
    below, above = below[every, axes], above[every, axes]
    if len(bounder.leaves.starts):
        tree_worth, tree_axes, place = _between_leaves(bounder, boxes, down, up)
        better = tree_worth > best
        axes = np.where(better, tree_axes, axes)
        below = np.where(better, place, below)
        above = np.where(better, np.nextafter(place, np.inf), above)
        best = np.maximum(best, tree_worth)
    return Cut(axes, below, above, best > 0)


def _middles(bounder: Bounder, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the ends (q, d) of lower halves at ``middle``, and the starts of the upper ones."""
    below, above = middle, np.nextafter(middle, np.inf)
    region = bounder.region
    if len(at := region.whole):
        row, slack = region.choice.row[at], region.slack[at]
        step = np.floor(middle[:, at] - row)
        below, above = below.copy(), above.copy()
        below[:, at], above[:, at] = row + step + slack, row + step + 1 - slack
    return below, above


def _smooth_gains(bounder: Bounder, boxes: Boxes) -> tuple[FloatArray, FloatArray]:
    """Estimate the gains of lower and upper halves (q, d) from members that are not trees.

    The estimates are for an axis's whole width; a cut gains its share of that.
    """
    shape = boxes.low.shape
    down, up = np.zeros(shape), np.zeros(shape)
    middle = boxes.low + (boxes.high - boxes.low) / 2
    width = (boxes.high - boxes.low) / bounder.region.space.scale
    first = len(bounder.members) - len(bounder.smooth)
    for number, part in enumerate(bounder.smooth):
        slopes = part.slopes(middle)
        rival = np.minimum(boxes.rival, slopes.shape[1] - 1)
        slope = slopes[np.arange(len(boxes)), rival] * boxes.steep[:, [first + number]] * width
        # where the lead rises, its minimum is at the lower end, so the upper half gains
        own = _NETS * np.abs(slope) * isinstance(part, Net)
        down += np.maximum(-slope, 0.0) + own
        up += np.maximum(slope, 0.0) + own
    return down, up


def _between_leaves(
    bounder: Bounder, boxes: Boxes, down: FloatArray, up: FloatArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return worth, axis and place (q,) of the best cut at a threshold; worth -1 without one."""
    leaves, q = bounder.leaves, len(boxes)
    best = best_leaves(bounder, boxes)
    # a tie loses nothing at first, but its leaves contradict each other all the same
    weight = (boxes.most - boxes.least) * boxes.steep[:, leaves.member] + 1e-12
    weight = np.where(boxes.most > boxes.least, weight, 0.0)
    f = len(leaves.axes)
    span = max(len(cuts) for cuts in leaves.cuts) + 1
    key = (np.arange(q)[:, None, None] * f + np.arange(f)[:, None]) * span
    low = np.moveaxis(leaves.low[:, best], 0, 1)
    high = np.minimum(np.moveaxis(leaves.high[:, best], 0, 1), span - 1)
    weights = np.broadcast_to(weight[:, None], low.shape).ravel()
    shape = (q, f, span)
    begin = np.bincount((key + low).ravel(), weights, q * f * span).reshape(shape)
    end = np.bincount((key + high).ravel(), weights, q * f * span).reshape(shape)
    # the lower half loses the leaves that begin after the place, the upper one those that end there
    left = begin.sum(axis=2, keepdims=True) - begin.cumsum(axis=2)
    right = end.cumsum(axis=2)
    cuts = np.full((f, span), np.inf)
    for number, own in enumerate(leaves.cuts):
        cuts[number, : len(own)] = own
    lows, highs = boxes.low[:, leaves.axes, None], boxes.high[:, leaves.axes, None]
    inside = (cuts >= lows) & (cuts < highs)
    share = np.where(inside, (cuts - lows) / np.maximum(highs - lows, 1e-300), 0.0)
    left += down[:, leaves.axes, None] * (1 - share)
    right += up[:, leaves.axes, None] * share
    worth = np.where(inside, np.minimum(left, right) + _BOTH * (left + right), -1.0)
    flat = worth.reshape(q, -1)
    top = flat.argmax(axis=1)
    axis, place = top // span, top % span
    return flat[np.arange(q), top], leaves.axes[axis], cuts[axis, place]
