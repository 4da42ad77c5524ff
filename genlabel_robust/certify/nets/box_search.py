"""Branch and bound over boxes: for a few free features, all rival classes at once.

In low dimension halving boxes is better than fixing ReLUs, if the axis is chosen well: here all
are tried, and the halves whose bounds are best are kept (strong branching).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.nets.backward import Relaxed, adaptive, backward, forward
from genlabel_robust.certify.nets.leads import Leads
from genlabel_robust.certify.nets.local import Bounds, Localised, tighten
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray

#: Boxes that are halved at once.
_BATCH = 32
#: An axis is not halved where it is that much thinner than the box's widest.
_THINNER = 4.5
#: Steps in which the slopes of a box are raised, for its leads only.
_RAISES = 5
#: Boxes are not halved below this share of the region.
_THINNEST = 1e-6
#: What rounding can take off a whole step.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Boxes:
    """q boxes of δ, ``low`` and ``high`` (q, f); bounds of the values in them, (q, w) each.

    ``short`` (q,): by how much the worst lead falls short of what is needed; ``point`` (q, f):
    where its bound is least; ``losses``: as of ``backward``.
    """

    low: FloatArray
    high: FloatArray
    bounds: list[Bounds]
    short: FloatArray
    point: FloatArray
    losses: list[FloatArray]

    def take(self, rows: IntArray | BoolArray) -> Boxes:
        """Return some of the boxes."""
        return Boxes(
            self.low[rows],
            self.high[rows],
            [(a[rows], b[rows]) for a, b in self.bounds],
            self.short[rows],
            self.point[rows],
            [self.losses[0], *(part[rows] for part in self.losses[1:])],
        )


@dataclass(eq=False)
class BoxSearch:
    """The search for a proof of all ``leads``, or for a point where one is not.

    Fields as of ``Search``; ``used``: the boxes that were bounded.
    """

    local: Localised
    leads: Leads
    tries: Callable[[FloatArray], bool]
    work: int
    step: FloatArray
    stop: Callable[[], bool] = lambda: False
    used: int = 0
    _open: int = 0

    def run(self) -> str:
        """Return "proved", "broken" or "open"."""
        root = self._bounded(self.local.low[None], self.local.high[None], self.local.bounds)
        stack = [root] if root.short[0] >= 0 else []
        while stack:
            boxes = stack.pop()
            if self.tries(boxes.point):
                return "broken"
            if self.used >= self.work or self.stop():
                return "open"
            thin = self._thin(boxes)
            self._open += int(thin.sum())
            if thin.all():
                continue
            boxes = self._halves(boxes.take(~thin))
            order = np.argsort(boxes.short, kind="stable")
            stack += [
                boxes.take(order[begin : begin + _BATCH]) for begin in range(0, len(order), _BATCH)
            ]
        return "open" if self._open else "proved"

    def _thin(self, boxes: Boxes) -> BoolArray:
        """Mark the boxes (q,) that are next to points: there only rounding is in the way."""
        width = (boxes.high - boxes.low) / np.maximum(self.local.net.reach, 1e-300)
        return np.asarray((width <= _THINNEST).all(axis=1))

    def _halves(self, boxes: Boxes) -> Boxes:
        """Return the halves that are not proved, of each box along its best axis."""
        q, f = boxes.low.shape
        rows, axes = (part.ravel() for part in np.indices((q, f)))
        width = boxes.high - boxes.low
        open_ = width > self.step / 2
        share = np.where(open_, width / np.maximum(self.local.net.reach, 1e-300), 0.0)
        # what is thin already is not shaved further: bounds hardly change, if not to the worse
        wide = open_ & (share >= share.max(axis=1, keepdims=True) / _THINNER)
        rows, axes = (part[wide.ravel()] for part in (rows, axes))
        n, every = len(rows), np.arange(len(rows))
        low, high = boxes.low[np.tile(rows, 2)], boxes.high[np.tile(rows, 2)]
        middle = (low[every, axes] + high[every, axes]) / 2
        size = self.step[axes]
        whole = np.where(size > 0, size, 1.0)
        under = np.floor(middle / whole + _SLACK) * whole
        high[every, axes] = np.where(size > 0, under, middle)
        low[n + every, axes] = np.where(size > 0, under + size, middle)
        outer = [(a[np.tile(rows, 2)], b[np.tile(rows, 2)]) for a, b in boxes.bounds]
        halves = self._bounded(low, high, outer)
        cost = np.full((q, f), np.inf)
        shorts = np.maximum(halves.short, 0.0)
        cost[rows, axes] = shorts[:n] + shorts[n:]
        # of axes that prove as much, the one that leaves less to do
        chosen = np.flatnonzero(axes == cost.argmin(axis=1)[rows])
        kept = np.concatenate([chosen, n + chosen])
        return self._raised(halves.take(kept[halves.short[kept] >= 0]))

    def _raised(self, boxes: Boxes) -> Boxes:
        """Return the boxes that are not proved with better slopes of the lines below ReLUs."""
        if not len(boxes.short):
            return boxes
        net, q, m = self.local.net, len(boxes.low), len(self.leads.constant)
        self.used += q
        lines = [Relaxed.of(*pair) for pair in boxes.bounds]
        shape = (q, m, self.leads.coefficients.shape[1])
        spread = np.broadcast_to(self.leads.coefficients, shape)
        constant = np.broadcast_to(self.leads.constant, (q, m))
        slopes = [np.repeat(adaptive(*pair), m, axis=1) for pair in boxes.bounds]
        best, point = np.full((q, m), -np.inf), np.zeros((q, m, boxes.low.shape[1]))
        for step in range(_RAISES):
            passed = backward(
                net, spread, constant, lines, slopes, boxes.low, boxes.high, losses=boxes.losses
            )
            better = passed.value > best
            best = np.where(better, passed.value, best)
            point = np.where(better[..., None], passed.point, point)
            for number, z in enumerate(forward(net, passed, lines, slopes)):
                rise = np.maximum(passed.before[number], 0.0) * z * lines[number].unstable[:, None]
                most = np.abs(rise).max(axis=2, keepdims=True)
                move = 0.5 * 0.7**step * rise / np.maximum(most, 1e-300)
                slopes[number] = np.clip(slopes[number] + move, 0.0, 1.0)
        short = self.leads.needed - best
        worst, every = short.argmax(axis=1), np.arange(q)
        raised = replace(boxes, short=short[every, worst], point=point[every, worst])
        return raised.take(np.flatnonzero(raised.short >= 0))

    def _bounded(self, low: FloatArray, high: FloatArray, outer: list[Bounds]) -> Boxes:
        """Return boxes with their bounds; ``outer``: bounds that hold in any case."""
        net, q = self.local.net, len(low)
        self.used += q
        bounds: list[Bounds] = []
        losses: list[FloatArray] = []
        for number, (least, most) in enumerate(outer):
            weight, bias = net.weights[number], net.biases[number]
            below, above = (low, high) if number == 0 else (np.maximum(e, 0.0) for e in bounds[-1])
            loss = net.losses[0] if number == 0 else self.local.loss(number, above)
            plus, minus = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
            spread = loss + np.abs(weight) @ net.input_loss if number == 0 else loss
            least = np.maximum(least, below @ plus.T + above @ minus.T + bias - spread)  # noqa: PLW2901
            most = np.minimum(most, above @ plus.T + below @ minus.T + bias + spread)  # noqa: PLW2901
            if number:
                least, most = tighten(  # noqa: PLW2901
                    net, number, bounds, least, most, low, high, loss, losses
                )
                size = np.maximum(np.abs(least), np.abs(most))
                losses.append(loss + 4 * net.kappa * size)
            else:
                losses.append(loss)
            bounds.append((least, most))
        m = len(self.leads.constant)
        lines, slopes = [Relaxed.of(*pair) for pair in bounds], [adaptive(*p) for p in bounds]
        passed = backward(
            net, np.broadcast_to(self.leads.coefficients, (q, m, self.leads.coefficients.shape[1])),
            np.broadcast_to(self.leads.constant, (q, m)), lines, slopes, low, high, losses=losses,
        )  # fmt: skip
        short = self.leads.needed - passed.value
        worst = short.argmax(axis=1)
        possible = ~net.ball.empty(low, high)
        for least, most in bounds:
            possible &= (least <= most).all(axis=1)
        every = np.arange(q)
        return Boxes(
            low, high, bounds,
            np.where(possible, short[every, worst], -np.inf), passed.point[every, worst],
            losses,
        )  # fmt: skip
