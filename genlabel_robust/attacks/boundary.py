"""Boundary attack: a random walk using labels only (Brendel et al. 2018, arXiv 1712.04248)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.decision_attack import DecisionSearch
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget, choice, count, size
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, distance

#: Steps whose random numbers are drawn at once.
_CHUNK = 100
#: Inward steps below this share of the distance are negligible.
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Boundary(Attack):
    """A walk of ``steps`` steps among adversarial points, ever closer to the example.

    Each step costs one query. It goes ``spherical_step`` sideways at random and ``source_step``
    inward, both as shares of the distance. Every ``update_stats_every_k`` steps, with one extra
    query, the lengths are multiplied or divided by ``step_adaptation`` if recent steps succeeded
    too often or too rarely: see ``StepLengths``. An example's walk ends early once its inward steps
    are negligible.

    ``init``: "pool" starts at the nearest known adversarial point and moves the last point back to
    the boundary. "noise" does neither, like foolbox 3.3, whose results are those in the literature:
    on affine models of more than two classes it ends at the wrong facet for many examples.
    """

    name = "boundary"
    needs = "decisions"
    kind = "minimum"
    norms = ("l2",)
    cost = 25000

    steps: int = budget(25_000)
    spherical_step: float = size(0.01)
    source_step: float = size(0.01)
    step_adaptation: float = size(1.5)
    update_stats_every_k: int = count(10)
    init: Literal["pool", "noise"] = choice("pool", among=("pool", "noise"))

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, _ = ball
        search = DecisionSearch(target, norm)
        rows = search.begin(seed, start, blended=self.init == "noise")
        points = search.points[rows]
        generators = streams(target, rows, seed, self.name)
        lengths = StepLengths(
            self.spherical_step, self.source_step, self.step_adaptation, len(rows)
        )
        for begin in range(0, self.steps, _CHUNK):
            going = lengths.keep_going()
            if not len(going):
                break
            rows, points = rows[going], points[going]
            generators = [generators[i] for i in going]
            low, high = search.low[rows], search.high[rows]
            shape = (min(_CHUNK, self.steps - begin), target.n_features)
            noise = np.stack([g.standard_normal(shape) for g in generators], axis=1)
            for step, moves in enumerate(noise, start=begin + 1):
                turned = np.clip(_turn(points, moves, lengths.sideways), low, high)
                nearer = _draw_in(turned, points, lengths.inward)
                if step % self.update_stats_every_k:
                    reached = search.ask(nearer[:, None], rows)[:, 0]
                else:
                    reached, kept = search.ask(np.stack([nearer, turned], axis=1), rows).T
                    lengths.adapt(kept, reached)
                points[reached] = nearer[reached]
        return search.result(drawn_back=self.init == "pool")


def _turn(points: FloatArray, noise: FloatArray, sideways: FloatArray) -> FloatArray:
    """Rotate ``points`` (r, m) about their examples, toward ``noise`` (r, m).

    Each moves by ``sideways`` (r,) of its distance at a right angle, then back to its sphere.
    """
    square = np.einsum("rm,rm->r", points, points)
    moves = noise - (np.einsum("rm,rm->r", noise, points) / square)[:, None] * points
    # with one feature no direction is at a right angle, and the move is zero
    length = np.maximum(distance(moves, "l2"), 1e-300)
    share = sideways * np.sqrt(square) / length
    return np.asarray((points + share[:, None] * moves) / np.sqrt(1 + sideways**2)[:, None])


def _draw_in(turned: FloatArray, points: FloatArray, inward: FloatArray) -> FloatArray:
    """Move ``turned`` (r, m) inward, to 1 - ``inward`` (r,) of the distance of ``points`` (r, m).

    A point that clipping to the box has already moved further inward stays there.
    """
    wanted = (1 - inward) * distance(points, "l2")
    share = wanted / np.maximum(distance(turned, "l2"), 1e-300)
    return turned * np.clip(share, 0.0, 1.0)[:, None]


class StepLengths:
    """The step lengths ``sideways`` and ``inward`` (r,) of r walks, as shares of the distance.

    The rule is that of foolbox 3.3, by the authors of Brendel et al. 2018 (1712.04248). Both
    lengths grow if more than half of the last 100 recorded sideways moves alone stay adversarial,
    and shrink below a fifth. The inward length also grows if more than a quarter of the last 30
    whole steps do, and shrinks below a tenth.
    """

    def __init__(self, sideways: float, inward: float, factor: float, walks: int) -> None:
        self.sideways, self.inward = np.full(walks, sideways), np.full(walks, inward)
        self._factor = factor
        self._sideways_rate = _Rate(100, 0.2, 0.5, walks)
        self._step_rate = _Rate(30, 0.1, 0.25, walks)

    def keep_going(self) -> IntArray:
        """Drop the walks whose steps have become negligible; return the indices of the others."""
        going = np.flatnonzero(self.inward >= _NEGLIGIBLE)
        self.sideways, self.inward = self.sideways[going], self.inward[going]
        for rate in (self._sideways_rate, self._step_rate):
            rate.seen = rate.seen[:, going]
        return going

    def adapt(self, kept: BoolArray, reached: BoolArray) -> None:
        """Record whether the sideways moves (r,) and the whole steps (r,) were adversarial."""
        both = self._factor ** self._sideways_rate.verdict(kept)
        self.sideways *= both
        self.inward *= both * self._factor ** self._step_rate.verdict(reached)


class _Rate:
    """The share of successes among the last ``length`` recorded, separately for each walk."""

    def __init__(self, length: int, low: float, high: float, walks: int) -> None:
        self._low, self._high = low, high
        self.seen = np.full((length, walks), np.nan)
        self._next = 0

    def verdict(self, success: BoolArray) -> FloatArray:
        """Record ``success`` (r,); return 1.0 where the share is high, -1.0 where low, else 0.0.

        A walk whose share is high or low starts a new count.
        """
        self.seen[self._next] = success
        self._next = (self._next + 1) % len(self.seen)
        # NaN until ``length`` results are recorded, which is neither high nor low
        share = self.seen.mean(axis=0)
        low, high = share < self._low, share > self._high
        self.seen[:, low | high] = np.nan
        return np.asarray(np.subtract(high, low, dtype=np.float64))
