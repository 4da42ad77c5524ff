"""The contributions to a vote's leads from members that are not trees: affine models and nets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from genlabel_robust.certify.nets.bounds.boxes import bounded
from genlabel_robust.certify.nets.bounds.leads import Leads
from genlabel_robust.certify.nets.bounds.local import Localised, localise
from genlabel_robust.certify.votes.region import Region
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import Affine, ReluNet
from genlabel_robust.structure.missing_and_codes import counted, with_codes


@dataclass(frozen=True, eq=False)
class Sums:
    """An affine member: ``slope`` (r, d) and ``constant`` (r,) of its leads, as functions of δ.

    ``off`` (r,): how much the library's own leads can differ, plus the rounding of the bounds.
    """

    region: Region
    slope: FloatArray
    constant: FloatArray
    off: FloatArray

    def leads(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return bounds (q, r) of the leads in boxes ``low``, ``high`` (q, d) of raw values."""
        q, (r, d) = len(low), self.slope.shape
        wide = (q, 2 * r, d)
        both = np.broadcast_to(np.concatenate([self.slope, -self.slope]), wide)
        least, most = (np.broadcast_to(e[:, None], wide) for e in self.region.delta(low, high))
        found, _ = self.region.ball.minimise(
            *(part.reshape(q * 2 * r, d) for part in (both, least, most))
        )
        found = found.reshape(q, 2 * r)
        return (
            found[:, :r] + self.constant - self.off,
            -found[:, r:] + self.constant + self.off,
        )

    def slopes(self, points: FloatArray) -> FloatArray:
        """Return the slopes (q, r, d) of the leads at raw ``points`` (q, d), in attack space."""
        return np.broadcast_to(self.slope, (len(points), *self.slope.shape))


@dataclass(frozen=True, eq=False)
class Net:
    """A ReLU net as a member, near one example: ``inside`` has its codes and missing values fixed.

    ``both``: the label's leads over each rival, then their negatives.
    """

    region: Region
    inside: ReluNet
    local: Localised
    both: Leads
    y: int

    def leads(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return bounds (q, r) of the leads in boxes ``low``, ``high`` (q, d) of raw values."""
        least, most = (edge[:, self.region.free] for edge in self.region.delta(low, high))
        unknown = np.full((len(low), len(self.both.constant)), np.inf)
        found = bounded(self.local, self.both, least, most, self.local.bounds, unknown)
        # a box that is shown to be empty has a shortfall of -inf, which bounds nothing here
        short = np.where(np.isneginf(found.short), np.inf, found.short)
        r = short.shape[1] // 2
        return -short[:, :r], short[:, r:]

    def slopes(self, points: FloatArray) -> FloatArray:
        """Return slopes (q, 1, d) of the leads at raw ``points`` (q, d), in attack space."""
        found = self.inside.lead_gradient(points, self.y) * self.region.space.scale
        return np.asarray(found[:, None])


Smooth: TypeAlias = Sums | Net


def smooth_in(structure: Affine | ReluNet, region: Region, y: int, rivals: IntArray) -> Smooth:
    """Return the leads of ``structure`` for the label ``y`` over ``rivals`` (r,) in ``region``."""
    if isinstance(structure, Affine):
        return _sums(structure, region, y, rivals)
    inside = structure.at(region.choice.row)
    low, high = (edge[0] for edge in region.delta(region.low[None], region.high[None]))
    free = region.free
    local = localise(
        inside,
        region.choice.row,
        8 * region.slack,
        region.space.scale,
        free,
        low[free],
        high[free],
        region.ball,
    )
    weight, bias = inside.weights[-1][:, local.last], inside.biases[-1]
    slope, constant = weight[y] - weight[rivals], bias[y] - bias[rivals]
    blur = np.tile(local.blur[y] + local.blur[rivals], 2)
    both = Leads(np.concatenate([slope, -slope]), np.concatenate([constant, -constant]), blur)
    return Net(region, inside, local, both, y)


def _sums(affine: Affine, region: Region, y: int, rivals: IntArray) -> Sums:
    row = region.choice.row[None]
    plain = replace(affine, flags=None, codes=(), weight=affine.weight * counted(affine.flags, row))
    scores = with_codes(plain.scores(row), affine.codes, row)[0]
    off = affine.error(region.low[None], region.high[None])[0]
    slope = (plain.weight[y] - plain.weight[rivals]) * region.space.scale
    # the bound of a lead sums as many products as the scores do
    return Sums(region, slope, scores[y] - scores[rivals], 4 * (off[y] + off[rivals]))
