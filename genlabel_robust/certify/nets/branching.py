"""How an open subproblem is split in two: at the kink of a ReLU, or across its box."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.nets.bounds.ascent import Bounded
from genlabel_robust.certify.nets.bounds.backward import LocalNet, adaptive
from genlabel_robust.certify.nets.bounds.local import tighten
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.core import FloatArray, IntArray


def relu_scores(bounded: Bounded) -> FloatArray:
    """Return the score (q, all ReLUs) of fixing each ReLU; -inf where its sign is already fixed."""
    scores = []
    for number, gap in enumerate(bounded.gaps):
        low, high = bounded.nodes.bounds[number]
        open_ = (low < 0) & (high > 0)
        scores.append(np.where(open_, gap + 1e-9 * np.minimum(-low, high), -np.inf))
    return np.concatenate(scores, axis=1)


def fix_relus(net: LocalNet, nodes: Nodes, chosen: IntArray) -> Nodes:
    """Return two children of each subproblem, with the ReLU ``chosen`` (q,) on and off."""
    q, starts = len(nodes), np.cumsum([0, *(low.shape[1] for low, _ in nodes.bounds)])
    twice = nodes.take(np.tile(np.arange(q), 2))
    chosen = np.tile(chosen, 2)
    on = np.arange(2 * q) < q
    bounds = [(low.copy(), high.copy()) for low, high in twice.bounds]
    signs = [part.copy() for part in twice.signs]
    for number, (low, high) in enumerate(bounds):
        rows = np.flatnonzero((chosen >= starts[number]) & (chosen < starts[number + 1]))
        at = chosen[rows] - starts[number]
        signs[number][rows, at] = np.where(on[rows], 1.0, -1.0)
        low[rows, at] = np.where(on[rows], np.maximum(low[rows, at], 0.0), low[rows, at])
        high[rows, at] = np.where(on[rows], high[rows, at], np.minimum(high[rows, at], 0.0))
    return bounded_again(net, replace(twice, bounds=bounds, signs=signs), 1)


@dataclass(frozen=True, eq=False)
class Cut:
    """The cuts of q boxes along ``axes`` (q,).

    The lower half ends at ``below`` (q,), the upper one begins at ``above`` (q,). No whole number
    lies between the two.
    """

    axes: IntArray
    below: FloatArray
    above: FloatArray

    @classmethod
    def middle(cls, nodes: Nodes, axes: IntArray, step: FloatArray) -> Cut:
        """Return the cuts in the middle; ``step`` (f,): of whole-number features, 0 for others."""
        rows = np.arange(len(nodes))
        at = (nodes.low[rows, axes] + nodes.high[rows, axes]) / 2
        size = step[axes]
        whole = np.where(size > 0, size, 1.0)
        under = np.floor(at / whole + 1e-6) * whole
        return cls(axes, np.where(size > 0, under, at), np.where(size > 0, under + size, at))


def halve(net: LocalNet, nodes: Nodes, cut: Cut) -> Nodes:
    """Return two children of each subproblem: its box below and above ``cut``."""
    q = len(nodes)
    twice = nodes.take(np.tile(np.arange(q), 2))
    low, high = twice.low.copy(), twice.high.copy()
    rows = np.arange(q)
    high[rows, cut.axes] = cut.below
    low[q + rows, cut.axes] = cut.above
    return bounded_again(net, replace(twice, low=low, high=high), 0)


def widest_whole(node: Nodes, step: FloatArray) -> Cut | None:
    """Return the cut of one subproblem at its widest open whole number, None without one."""
    steps = np.where(step > 0, (node.high - node.low)[0] / np.where(step > 0, step, 1.0), 0.0)
    if not len(steps) or steps.max() < 0.5:
        return None
    return Cut.middle(node, np.array([int(steps.argmax())]), step)


def bounded_again(net: LocalNet, nodes: Nodes, first: int) -> Nodes:
    """Recompute the bounds of ``nodes`` from layer ``first`` on, and keep the tighter ones."""
    bounds = list(nodes.bounds)
    for number in range(first, len(bounds)):
        low, high = bounds[number]
        if number == 0:
            plus, minus = np.maximum(net.weights[0], 0.0), np.minimum(net.weights[0], 0.0)
            lost = net.losses[0]
            least = nodes.low @ plus.T + nodes.high @ minus.T + net.biases[0] - lost
            most = nodes.high @ plus.T + nodes.low @ minus.T + net.biases[0] + lost
            bounds[0] = np.maximum(low, least), np.minimum(high, most)
            continue
        forms = tighten(net, number, bounds[:number], low, high, nodes.low, nodes.high)
        bounds[number] = forms.into(low, high, forms.least)
    alphas = []
    for old, (low, high), (was_low, was_high) in zip(
        nodes.alphas, bounds, nodes.bounds, strict=True
    ):
        fresh = adaptive(low, high)[:, 0]
        # slopes that were never optimised, or whose bounds moved much, start anew
        moved = (low > was_low * 0.5) | (high < was_high * 0.5)
        alphas.append(np.where(moved, fresh, old))
    return replace(nodes, bounds=bounds, alphas=alphas)
