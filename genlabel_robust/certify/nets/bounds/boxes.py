"""Boxes of perturbations, and the bounds of a net in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.nets.bounds.backward import Relaxed, adaptive, backward, forward
from genlabel_robust.certify.nets.bounds.leads import Leads
from genlabel_robust.certify.nets.bounds.local import Bounds, Forms, Localised, tighten
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: Backward passes that improve the slopes of a box, for its leads only.
_RAISES = 5


@dataclass(frozen=True, eq=False)
class Boxes:
    """q boxes of δ, ``low`` and ``high`` (q, f), with bounds of the net's values, (q, w) each.

    ``short`` (q, m): how far the bound of each lead is below the needed one, negative where the
    lead is proved; ``point`` (q, f): the minimiser of the worst lead's bound; ``losses``: as for
    ``backward``; ``forms``: linear bounds of the values of each layer after the first.
    """

    low: FloatArray
    high: FloatArray
    bounds: list[Bounds]
    short: FloatArray
    point: FloatArray
    losses: list[FloatArray]
    forms: list[Forms]

    @property
    def worst(self) -> FloatArray:
        """How far the worst lead of each box is below the needed one, (q,)."""
        return np.asarray(self.short.max(axis=1))

    def take(self, rows: IntArray | BoolArray) -> Boxes:
        """Return some of the boxes."""
        return Boxes(
            self.low[rows],
            self.high[rows],
            [(a[rows], b[rows]) for a, b in self.bounds],
            self.short[rows],
            self.point[rows],
            [self.losses[0], *(part[rows] for part in self.losses[1:])],
            [part.take(rows) for part in self.forms],
        )


def bounded(
    local: Localised,
    leads: Leads,
    low: FloatArray,
    high: FloatArray,
    outer: list[Bounds],
    short: FloatArray,
) -> Boxes:
    """Return the boxes ``low``, ``high`` (q, f) with their bounds.

    ``outer``, ``short``: valid bounds to start from, such as those of a box around each.
    """
    net = local.net
    bounds: list[Bounds] = []
    losses: list[FloatArray] = []
    found: list[Forms] = []
    for number, (least, most) in enumerate(outer):
        weight, bias = net.weights[number], net.biases[number]
        below, above = (low, high) if number == 0 else (np.maximum(e, 0.0) for e in bounds[-1])
        loss = net.losses[0] if number == 0 else local.loss(number, above)
        plus, minus = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
        spread = loss + np.abs(weight) @ net.input_loss if number == 0 else loss
        least = np.maximum(least, below @ plus.T + above @ minus.T + bias - spread)  # noqa: PLW2901
        most = np.minimum(most, above @ plus.T + below @ minus.T + bias + spread)  # noqa: PLW2901
        if number:
            forms = tighten(net, number, bounds, least, most, low, high, loss, losses)
            least, most = forms.into(least, most, forms.least)  # noqa: PLW2901
            found.append(forms)
            loss = loss + 4 * net.kappa * np.maximum(np.abs(least), np.abs(most))
        losses.append(loss)
        bounds.append((least, most))
    boxes = Boxes(low, high, bounds, short, np.zeros_like(low), losses, found)
    boxes = raised(local, leads, boxes, 1)
    possible = ~net.ball.empty(low, high)
    for least, most in bounds:
        possible &= (least <= most).all(axis=1)
    return replace(boxes, short=np.where(possible[:, None], boxes.short, -np.inf))


def guessed(
    local: Localised, leads: Leads, boxes: Boxes, low: FloatArray, high: FloatArray
) -> Boxes:
    """Estimate the bounds in parts ``low``, ``high`` (q, f) of the boxes, to compare cuts.

    Reuses the linear bounds of ``boxes``; the estimates only rank cuts and prove nothing.
    """
    net = local.net
    center, reach = (low + high) / 2, (high - low) / 2
    was, had = (boxes.low + boxes.high) / 2, (boxes.high - boxes.low) / 2
    moved, shrunk = center - was, had - reach
    weight = net.weights[0]
    middle, spread = center @ weight.T + net.biases[0], reach @ np.abs(weight).T
    least, most = boxes.bounds[0]
    bounds = [(np.maximum(least, middle - spread), np.minimum(most, middle + spread))]
    for (least, most), forms in zip(boxes.bounds[1:], boxes.forms, strict=True):
        rise = (forms.slope @ moved[:, :, None] + np.abs(forms.slope) @ shrunk[:, :, None])[:, :, 0]
        bounds.append(forms.into(least, most, forms.least + rise))
    parts = replace(boxes, low=low, high=high, bounds=bounds)
    return raised(local, leads, parts, 1)


def raised(local: Localised, leads: Leads, boxes: Boxes, passes: int = _RAISES) -> Boxes:
    """Tighten the bounds of the leads by ``passes`` backward passes with improved slopes."""
    open_ = np.flatnonzero((boxes.short >= 0).any(axis=0))
    if not len(open_):
        return boxes
    net, q, m = local.net, len(boxes.low), len(open_)
    lines = [Relaxed.of(*pair) for pair in boxes.bounds]
    coefficients = leads.coefficients[open_]
    spread = np.broadcast_to(coefficients, (q, *coefficients.shape))
    constant = np.broadcast_to(leads.constant[open_], (q, m))
    slopes = [adaptive(*pair) for pair in boxes.bounds]
    best, point = np.full((q, m), -np.inf), np.zeros((q, m, boxes.low.shape[1]))
    for step in range(passes):
        passed = backward(
            net, spread, constant, lines, slopes, boxes.low, boxes.high, losses=boxes.losses
        )
        better = passed.value > best
        best = np.where(better, passed.value, best)
        point = np.where(better[..., None], passed.point, point)
        if step == passes - 1:
            break
        for number, z in enumerate(forward(net, passed, lines, slopes)):
            rise = np.maximum(passed.before[number], 0.0) * z * lines[number].unstable[:, None]
            most = np.abs(rise).max(axis=2, keepdims=True)
            move = 0.5 * 0.7**step * rise / np.maximum(most, 1e-300)
            slopes[number] = np.clip(slopes[number] + move, 0.0, 1.0)
    short = boxes.short.copy()
    short[:, open_] = np.minimum(short[:, open_], leads.needed[open_] - best)
    worst = np.where(short[:, open_] >= 0, leads.needed[open_] - best, -np.inf).argmax(axis=1)
    return replace(boxes, short=short, point=point[np.arange(q), worst])
