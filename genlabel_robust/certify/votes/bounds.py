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

#: Beyond it exp is as good as infinite, and its square still is a float.
_LARGEST = 300.0
#: What float64 takes off a bound of a lead of probabilities: some ulps of numbers of at most 1.
_OWN = 64 * FLOAT64


@dataclass(frozen=True, eq=False)
class Boxes:
    """q boxes of raw values, ``low`` and ``high`` (q, d), with what is known in them.

    ``first``, ``last`` (q, f): their cells, and ``mask`` (q, l): the leaves that are reached, as
    of ``Leaves``. ``value`` (q,): a bound of the least lead, less what is needed; where it is
    above 0, the library gives the label. ``rival`` (q,): over whom the lead is least. ``least``,
    ``most`` (q, t): of each tree's leads over it, and ``steep`` (q, m): how much a member's lead
    over it counts.
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
    """What bounds the leads of the label ``y`` of a vote in one ``region``."""

    vote: Vote
    region: Region
    y: int
    rivals: IntArray
    leaves: Leaves
    smooth: tuple[Smooth, ...]
    #: The members that are trees, then the others, as ``leaves`` and ``smooth`` have them.
    members: tuple[Member, ...]

    @classmethod
    def of(cls, vote: Vote, boxes: Sequence[LeafBoxes], region: Region, y: int) -> Bounder:
        """Return that of ``region``; ``boxes``: of the vote's trees."""
        rivals = np.flatnonzero(np.arange(vote.n_classes) != y)
        smooth = tuple(smooth_in(part, region, y, rivals) for part in vote.smooth)
        members = sorted(vote.members, key=lambda m: not isinstance(m.structure, TreeEnsemble))
        leaves = leaves_in(boxes, region, y, rivals)
        return cls(vote, region, y, rivals, leaves, smooth, tuple(members))

    @cached_property
    def needed(self) -> float:
        """The lead above which the library gives the label."""
        return needed(self.vote)

    def root(self) -> Boxes:
        """Return the whole region, one box."""
        every = np.ones((1, len(self.leaves.gain)), dtype=bool)
        return self.bounded(self.region.low[None], self.region.high[None], every)

    def bounded(self, low: FloatArray, high: FloatArray, mask: BoolArray) -> Boxes:
        """Return the boxes ``low``, ``high`` (q, d), which reach no leaf but of ``mask`` (q, l)."""
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
    """Return a lower bound (q, r) of a member's probability of the label less that of each rival.

    ``least``, ``most`` (q, r): bounds of the label's score less the rival's, for all r = k - 1
    rivals. With a = exp(-gap) of a rival and s the sum of those of the others the difference is
    (1 - a) / (1 + a + s): it falls as a rises; as s rises, it falls where a is below 1, and rises
    where a is above.
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
    # relative errors of a and s, those of rounded exponents included, change it by less
    return np.where(most_of < _LARGEST, lead - _OWN * (r + 1), -1.0)


def needed(vote: Vote) -> float:
    """Return the lead above which the library gives the label, whatever it rounds."""
    return 2 * vote.blur + _OWN * (len(vote.members) + 2)
