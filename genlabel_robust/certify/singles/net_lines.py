"""Decisions about a ReLU net along lines through rows, by bisection of segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.halves import Halves
from genlabel_robust.certify.singles.net_bounds import NetOnLines
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The number of points queried on each half-line that is not proved at once.
_SAMPLES = 8
#: How often a segment is halved, and the most open segments of one half-line.
_HALVINGS, _SEGMENTS = 18, 48
#: The most whole steps of a segment that are queried one by one.
_LISTED = 8


@dataclass(frozen=True, eq=False)
class _Segments:
    """Parts [low, high] (q,) of half-lines ``half`` (q,); the model is right at ``low``."""

    half: IntArray
    low: FloatArray
    high: FloatArray

    def take(self, which: IntArray | BoolArray) -> _Segments:
        return _Segments(self.half[which], self.low[which], self.high[which])

    @classmethod
    def join(cls, parts: list[_Segments]) -> _Segments:
        return cls(
            np.concatenate([part.half for part in parts]),
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
        )


def decide_halves(net: NetOnLines, halves: Halves) -> None:
    """Find the first mislabelled point of each half-line, and prove the part before it.

    ``halves.open`` records where a proof is missing.
    """
    every = np.arange(len(halves.line))
    at_once = _proved(net, halves, _Segments(every, np.zeros(len(every)), halves.end))
    parts = _sampled(halves, every[~at_once])
    for _ in range(_HALVINGS):
        parts = _before_goals(halves, parts)
        parts = _listed(halves, parts)
        parts = _before_goals(halves, parts)
        parts = parts.take(~_proved(net, halves, parts))
        parts = _few(halves, parts)
        if not len(parts.half):
            return
        parts = _halved(halves, parts)
    parts = _before_goals(halves, parts)
    halves.leave(parts.half, parts.low)


def _proved(net: NetOnLines, halves: Halves, parts: _Segments) -> BoolArray:
    sign = halves.sign[parts.half]
    ends = np.sort(np.stack([sign * parts.low, sign * parts.high]), axis=0)
    return net.proved(halves.line[parts.half], ends[0], ends[1])


def _sampled(halves: Halves, chosen: IntArray) -> _Segments:
    """Query points along the half-lines ``chosen`` (q,), and return the segments between them."""
    if not len(chosen):
        return _Segments(chosen, np.zeros(0), np.zeros(0))
    shares = np.arange(1, _SAMPLES + 1) / _SAMPLES
    t = halves.ask[chosen][:, None] * shares
    whole = halves.rows.whole[halves.line[chosen]]
    t[whole] = np.floor(t[whole] + 1e-6)
    wrong = halves.mislabelled(np.repeat(chosen, _SAMPLES), t.ravel()).reshape(t.shape)
    begin = np.concatenate([np.zeros((len(t), 1)), t], axis=1)
    broken, first = wrong.any(axis=1), wrong.argmax(axis=1)
    every = np.arange(len(t))
    halves.breaks(chosen[broken], begin[every, first][broken], t[every, first][broken])
    # the last segment ends where rows are no longer accepted
    ends = np.concatenate([t[:, :-1], halves.end[chosen][:, None]], axis=1)
    return _Segments(np.repeat(chosen, _SAMPLES), begin[:, :-1].ravel(), ends.ravel())


def _before_goals(halves: Halves, parts: _Segments) -> _Segments:
    """Return the parts of the segments that are before the goals."""
    goal = halves.goal[parts.half]
    parts = _Segments(parts.half, parts.low, np.minimum(parts.high, goal))
    return parts.take(parts.low < parts.high)


def _listed(halves: Halves, parts: _Segments) -> _Segments:
    """Query each whole step of segments with few of them, and return the other segments."""
    whole = halves.rows.whole[halves.line[parts.half]]
    first: FloatArray = np.floor(parts.low) + 1
    last: FloatArray = np.floor(parts.high + 1e-6)
    few = whole & (last - first < _LISTED)
    own = np.flatnonzero(few)
    steps = first[own][:, None] + np.arange(_LISTED)
    fits = steps <= last[own][:, None]
    which, place = np.nonzero(fits)
    t: FloatArray = np.asarray(steps[which, place], dtype=np.float64)
    half = parts.half[own][which]
    wrong = halves.mislabelled(half, t)
    halves.breaks(half[wrong], t[wrong] - 1, t[wrong])
    return parts.take(~few)


def _few(halves: Halves, parts: _Segments) -> _Segments:
    """Drop the segments of half-lines that have too many; these stay open."""
    counts = np.bincount(parts.half, minlength=len(halves.line))
    many = counts[parts.half] > _SEGMENTS
    halves.leave(parts.half[many], parts.low[many])
    return parts.take(~many)


def _halved(halves: Halves, parts: _Segments) -> _Segments:
    """Halve the segments with a correct middle; record a break on the others."""
    middle = (parts.low + parts.high) / 2
    whole = halves.rows.whole[halves.line[parts.half]]
    middle = np.where(whole, np.floor(middle), middle)
    # beyond the farthest point to query there is only rounding
    queried = middle <= halves.ask[parts.half]
    wrong = np.zeros(len(middle), dtype=bool)
    wrong[queried] = halves.mislabelled(parts.half[queried], middle[queried])
    halves.breaks(parts.half[wrong], parts.low[wrong], middle[wrong])
    # a segment before a break must still be proved as a whole
    before = _Segments(parts.half, parts.low, middle)
    after = _Segments(parts.half, middle, parts.high).take(~wrong)
    return _Segments.join([before, after])
