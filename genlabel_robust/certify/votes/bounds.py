"""Bounds of a vote's leads in boxes of raw values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.certify.trees.boxes import LeafBoxes
from genlabel_robust.certify.votes.leaves import Leaves, leaves_in
from genlabel_robust.certify.votes.region import Region
from genlabel_robust.certify.votes.smooth import Smooth, smooth_in
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import FLOAT64, Member, TreeEnsemble, Vote

#: The largest exponent: exp of it is practically infinite, and its square is still a float.
_LARGEST = 300.0
#: The rounding error of a bound on a lead in probability: some ulps of numbers up to 1.
_OWN = 64 * FLOAT64


@dataclass(frozen=True, eq=False)
class Boxes:
    """q boxes of raw values, ``low`` and ``high`` (q, d), with their bounds.

    ``first``, ``last`` (q, f): their cells, and ``mask`` (q, l): the leaves that they reach, as in
    ``Leaves``. ``value`` (q,): a lower bound on the smallest lead, minus the needed one; above 0
    the library returns the label. ``rival`` (q,): the class with the smallest lead. ``least``,
    ``most`` (q, t): bounds of each tree's lead over it; ``steep`` (q, m): the weight of each
    member's lead over it in ``value``.
    """

    low: FloatArray
    high: FloatArray
    first: IntArray
    last: IntArray
    mask: BoolArray
    value: FloatArray
    rival: IntArray
    least: FloatArray
    most: FloatArray
    steep: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    def take(self, rows: IntArray | BoolArray) -> Boxes:
        """Return some of the boxes."""
        return Boxes(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Bounder:
    """The bounds on the leads of a vote's label ``y`` in one ``region``."""

    vote: Vote
    region: Region
    y: int
    rivals: IntArray
    leaves: Leaves
    smooth: tuple[Smooth, ...]
    #: The members that are trees, then the others, in the order of ``leaves`` and ``smooth``.
    members: tuple[Member, ...]

    @classmethod
    def of(cls, vote: Vote, boxes: Sequence[LeafBoxes], region: Region, y: int) -> Bounder:
        """Return the bounder for ``region``; ``boxes``: of the vote's trees."""
        rivals = np.flatnonzero(np.arange(vote.n_classes) != y)
        smooth = tuple(smooth_in(part, region, y, rivals) for part in vote.smooth)
        members = sorted(vote.members, key=lambda m: not isinstance(m.structure, TreeEnsemble))
        leaves = leaves_in(boxes, region, y, rivals)
        return cls(vote, region, y, rivals, leaves, smooth, tuple(members))

    @cached_property
    def needed(self) -> float:
        """The lead above which the library returns the label."""
        return needed(self.vote)

    def root(self) -> Boxes:
        """Return the whole region as one box."""
        every = np.ones((1, len(self.leaves.gain)), dtype=bool)
        return self.bounded(self.region.low[None], self.region.high[None], every)

    def bounded(self, low: FloatArray, high: FloatArray, mask: BoolArray) -> Boxes:
        """Bound the boxes ``low``, ``high`` (q, d), which reach only leaves in ``mask`` (q, l)."""
        first, last = self.leaves.cells(low, high)
        mask = self.leaves.reached(first, last, mask)
        of_trees = self.leaves.extremes(mask)
        least, most = self.leaves.leads(*of_trees)
        others = [part.leads(low, high) for part in self.smooth]
        both = [np.concatenate([least, *(part[0][:, None] for part in others)], axis=1)]
        both.append(np.concatenate([most, *(part[1][:, None] for part in others)], axis=1))
        total, shares = np.zeros((len(low), len(self.rivals))), []
        for number, member in enumerate(self.members):
            share = member.weight * least_lead(member, both[0][:, number], both[1][:, number])
            best = member.weight * least_lead(member, both[1][:, number], both[1][:, number])
            total += share
            shares.append(best - share)
        rival = total.argmin(axis=1)
        every = np.arange(len(low))
        gap = (both[1] - both[0])[every, :, rival]
        spread = np.stack([part[every, rival] for part in shares], axis=1)
        steep = np.where(np.isfinite(gap) & (gap > 0), spread / np.maximum(gap, 1e-300), 0.0)
        return Boxes(
            low,
            high,
            first,
            last,
            mask,
            total[every, rival] - self.needed,
            rival,
            of_trees[0][every, :, rival],
            of_trees[1][every, :, rival],
            steep,
        )


def least_lead(member: Member, least: FloatArray, most: FloatArray) -> FloatArray:
    """Return a lower bound (q, r) on a member's probability of the label minus each rival's.

    ``least``, ``most`` (q, r): bounds on the label's score minus the rival's, for all r = k - 1
    rivals. Let a = exp(-gap) of a rival and s the sum of the others'. The difference is
    (1 - a) / (1 + a + s). It falls as a rises. As s rises, it falls where a is below 1, and rises
    where a is above 1.
    """
    if member.slope is None:
        return least
    r = least.shape[1]
    most_of, least_of = -member.slope * least, -member.slope * most
    others = 1.0 - np.eye(r)
    with np.errstate(under="ignore"):
        a = np.exp(np.minimum(most_of, _LARGEST))
        most_rest, least_rest = a @ others, np.exp(np.minimum(least_of, _LARGEST)) @ others
        lead = (1 - a) / (1 + a + np.where(a <= 1, most_rest, least_rest))
    # the relative errors of a and s, rounding of the exponents included, are smaller than this
    return np.where(most_of < _LARGEST, lead - _OWN * (r + 1), -1.0)


def needed(vote: Vote) -> float:
    """Return the lead above which the library returns the label despite all rounding."""
    return 2 * vote.blur + _OWN * (len(vote.members) + 2)
