"""Lines through rows along single numbers, on which a ReLU net is decided by halving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.halves import Halves
from genlabel_robust.certify.singles.net_bounds import NetOnLines
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: Points of each half-line that is not proved at once.
_SAMPLES = 8
#: How often a segment is halved, and the segments of one half-line that are open at a time.
_HALVINGS, _SEGMENTS = 18, 48
#: Whole steps of a segment that are asked about one by one.
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
    """Find where each half-line breaks first, and prove what lies before it.

    What is left undecided is named in ``halves.open``.
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
    """Ask about some points of the half-lines ``chosen`` (q,), and return what lies between."""
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
    # the last one ends where rows end that count
    ends = np.concatenate([t[:, :-1], halves.end[chosen][:, None]], axis=1)
    return _Segments(np.repeat(chosen, _SAMPLES), begin[:, :-1].ravel(), ends.ravel())


def _before_goals(halves: Halves, parts: _Segments) -> _Segments:
    """Return what of the segments is still to be proved."""
    goal = halves.goal[parts.half]
    parts = _Segments(parts.half, parts.low, np.minimum(parts.high, goal))
    return parts.take(parts.low < parts.high)


def _listed(halves: Halves, parts: _Segments) -> _Segments:
    """Ask about the whole steps of segments that have few, and return the other segments."""
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
    """Return the segments without those of half-lines that have too many: these stay open."""
    counts = np.bincount(parts.half, minlength=len(halves.line))
    many = counts[parts.half] > _SEGMENTS
    halves.leave(parts.half[many], parts.low[many])
    return parts.take(~many)


def _halved(halves: Halves, parts: _Segments) -> _Segments:
    """Return the halves of the segments whose middle is right; the others break there."""
    middle = (parts.low + parts.high) / 2
    whole = halves.rows.whole[halves.line[parts.half]]
    middle = np.where(whole, np.floor(middle), middle)
    # beyond what may be asked lies nothing but rounding
    asked = middle <= halves.ask[parts.half]
    wrong = np.zeros(len(middle), dtype=bool)
    wrong[asked] = halves.mislabelled(parts.half[asked], middle[asked])
    halves.breaks(parts.half[wrong], parts.low[wrong], middle[wrong])
    # before where it breaks, all is still to be proved
    before = _Segments(parts.half, parts.low, middle)
    after = _Segments(parts.half, middle, parts.high).take(~wrong)
    return _Segments.join([before, after])
