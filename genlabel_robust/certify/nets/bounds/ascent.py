"""Tighter bounds of subproblems, by gradient ascent over slopes and multipliers.

The method is α- and β-CROWN (see ``backward``) with gradients computed by hand. The bound is the
minimum of a linear function, so its gradient is the gradient at the minimiser.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.nets.bounds.backward import (
    LocalNet,
    Passed,
    Relaxed,
    backward,
    forward,
)
from genlabel_robust.certify.nets.bounds.leads import Lead
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: Adam's decay rates of the first and second moments.
_MEAN, _SQUARE = 0.8, 0.95


@dataclass(frozen=True, eq=False)
class Bounded:
    """Subproblems ``nodes`` after the ascent, with the minimiser ``point`` (q, d) of their bound.

    ``slope`` (q, d): of the linear bound; ``gaps``: for each layer (q, w), how much the relaxation
    of each ReLU loses at that point.
    """

    nodes: Nodes
    point: FloatArray
    slope: FloatArray
    gaps: list[FloatArray]

    def take(self, rows: IntArray) -> Bounded:
        """Return some of the subproblems."""
        gaps = [gap[rows] for gap in self.gaps]
        return Bounded(self.nodes.take(rows), self.point[rows], self.slope[rows], gaps)


def ascend(net: LocalNet, lead: Lead, nodes: Nodes, steps: int, rate: float = 0.3) -> Bounded:
    """Return ``nodes`` with the best bounds of ``steps`` ascent steps; proved ones stop early."""
    q = len(nodes)
    lines = nodes.lines
    value = np.full(q, -np.inf)
    alphas = [part.copy() for part in nodes.alphas]
    betas = [part.copy() for part in nodes.betas]
    best = [part.copy() for part in alphas], [part.copy() for part in betas]
    live = np.arange(q)
    moments = [[np.zeros_like(p) for p in (*alphas, *betas)] for _ in range(2)]
    point, slope = np.zeros_like(nodes.low), np.zeros_like(nodes.low)
    gaps = [np.zeros_like(low) for low, _ in nodes.bounds]
    scale = [np.ones((q, 1)) for _ in betas]
    some = lines
    for step in range(steps + 1):
        signs = [part[live] for part in nodes.signs]
        passed, values = _pass(
            net,
            lead,
            nodes,
            live,
            some,
            [a[live] for a in alphas],
            [s * b[live] for s, b in zip(signs, betas, strict=True)],
        )
        found = passed.value[:, 0]
        better = found > value[live]
        at = live[better]
        value[at], point[at], slope[at] = (
            found[better],
            passed.point[better, 0],
            passed.slope[better, 0],
        )
        for kept, now in zip((*best[0], *best[1]), (*alphas, *betas), strict=True):
            kept[at] = now[at]
        for number, gap in enumerate(gaps):
            gap[at] = _gap(passed, values, some, alphas, number, live)[better]
        if step == 0:
            for number, before in enumerate(passed.before):
                scale[number] = np.abs(before[:, 0]).mean(axis=1, keepdims=True) + 1e-12
        if step == steps:
            break
        on = value[live] <= lead.needed
        if not on.any():
            break
        if not on.all():
            passed, values = _some(passed, on), [z[on] for z in values]
            live, some = live[on], [layer.take(on) for layer in some]
        size = rate * 0.9**step
        for number, z in enumerate(values):
            unstable = some[number].unstable
            rise = np.maximum(passed.before[number][:, 0], 0.0) * z[:, 0] * unstable
            _move(alphas[number], live, rise, moments, number, step, size)
            np.clip(alphas[number], 0.0, 1.0, out=alphas[number])
            sign = nodes.signs[number][live]
            if sign.any():
                _move(
                    betas[number],
                    live,
                    -sign * z[:, 0],
                    moments,
                    number + len(alphas),
                    step,
                    size * scale[number][live],
                )
                np.maximum(betas[number], 0.0, out=betas[number])
    known = np.maximum(value, nodes.value)
    return Bounded(replace(nodes, value=known, alphas=best[0], betas=best[1]), point, slope, gaps)


def _pass(
    net: LocalNet,
    lead: Lead,
    nodes: Nodes,
    rows: IntArray | BoolArray,
    lines: list[Relaxed],
    alphas: list[FloatArray],
    multipliers: list[FloatArray],
) -> tuple[Passed, list[FloatArray]]:
    low, high = nodes.low[rows], nodes.high[rows]
    q = len(low)
    spread = np.broadcast_to(lead.coefficients, (q, 1, len(lead.coefficients)))
    constant = np.full((q, 1), lead.constant)
    slopes = [part[:, None] for part in alphas]
    signed = [part[:, None] for part in multipliers]
    passed = backward(net, spread, constant, lines, slopes, low, high, signed)
    return passed, forward(net, passed, lines, slopes)


def _some(passed: Passed, rows: IntArray | BoolArray) -> Passed:
    return Passed(
        passed.value[rows],
        passed.slope[rows],
        passed.point[rows],
        [part[rows] for part in passed.before],
    )


def _gap(
    passed: Passed,
    values: list[FloatArray],
    lines: list[Relaxed],
    alphas: list[FloatArray],
    number: int,
    live: IntArray,
) -> FloatArray:
    """Return how much the relaxation of each ReLU of a layer loses at the minimiser, (q, w)."""
    a, z, layer = passed.before[number][:, 0], values[number][:, 0], lines[number]
    relu = np.maximum(z, 0.0)
    above = layer.slope * z + layer.intercept - relu
    below = relu - alphas[number][live] * z
    return np.where(layer.unstable, np.where(a < 0, -a * above, a * below), 0.0)


def _move(
    values: FloatArray,
    rows: IntArray | BoolArray,
    rise: FloatArray,
    moments: list[list[FloatArray]],
    number: int,
    step: int,
    size: float | FloatArray,
) -> None:
    """Take one Adam step in the direction ``rise``, in place."""
    mean, square = moments[0][number], moments[1][number]
    m = _MEAN * mean[rows] + (1 - _MEAN) * rise
    s = _SQUARE * square[rows] + (1 - _SQUARE) * rise**2
    mean[rows], square[rows] = m, s
    m, s = m / (1 - _MEAN ** (step + 1)), s / (1 - _SQUARE ** (step + 1))
    values[rows] += size * m / (np.sqrt(s) + 1e-12)
