"""Moves of one feature, of several, and of two: the neighbours in a coordinate search."""

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm, project

#: The shortest step of a continuous feature, as a share of ε.
_FINEST = 1 / 16
#: The most pairs that are tried from one point.
_PAIRS = 200


class CoordinateMoves:
    """The moves from points (r, m) of some rows (r,) of ``target``, within ``eps`` in ``norm``.

    ``count``: the most moves of one kind from one point; ``finest``: the shortest step
    that changes any feature.
    """

    def __init__(self, target: AttackTarget, norm: Norm, eps: float) -> None:
        self.target, self.norm, self.eps = target, norm, eps
        m, lattice = target.n_features, target.lattice
        self._groups = [] if lattice is None else list(lattice.groups)
        self._free = np.setdiff1d(np.arange(m), np.concatenate([[], *self._groups]))
        whole = np.zeros(m)
        if lattice is not None:
            whole[lattice.integer] = lattice.step[lattice.integer]
        self._whole = whole[self._free]
        self.finest = float(np.maximum(self._whole, eps * _FINEST).min(initial=np.inf))
        # the feature or group that each single move belongs to
        sizes = [1] * len(self._free) * 4 + [len(group) for group in self._groups]
        owners = [*range(len(self._free))] * 4 + [
            len(self._free) + i for i in range(len(self._groups))
        ]
        self._owners = np.repeat(owners, sizes)
        count = len(self._owners)
        few = count * (count - 1) // 2 <= _PAIRS
        self._first, self._second = np.triu_indices(count if few else 0, k=1)
        self.count = max(count, len(self._first))

    def single(self, points: FloatArray, rows: IntArray, steps: FloatArray) -> FloatArray:
        """Return points (r, c, m) that differ from ``points`` (r, m) in one feature or group.

        Each feature moves a step up, a step down, and as far as the ball allows either way; each
        group moves to each of its categories. ``steps`` (r,): the length of a step; it is at least
        one whole unit.
        """
        low, high = (edge[rows] for edge in self.target.box)
        moves = np.repeat(points[:, None], len(self._owners), axis=1)
        free, count = self._free, len(self._free)
        here, far = points[:, free], self._room(points)[:, free]
        step = np.maximum(steps[:, None], self._whole)
        for kind, there in enumerate((here + step, here - step, far, -far)):
            moves[:, kind * count + np.arange(count), free] = there
        place = 4 * count
        for group in self._groups:
            for category in group:
                moves[:, place, group] = low[:, group]
                moves[:, place, category] = high[:, category]
                place += 1
        return moves

    def together(self, points: FloatArray, single: FloatArray, gains: FloatArray) -> FloatArray:
        """Return the point (r, 1, m) with the best ``single`` move of every feature and group.

        ``gains`` (r, c): of the single moves; features without a gain stay.
        """
        line, total = np.arange(len(points)), points.copy()
        for owner in np.unique(self._owners):
            own = np.flatnonzero(self._owners == owner)
            best = own[gains[:, own].argmax(axis=1)]
            helps = gains[line, best] > 0
            total[helps] += (single[line, best] - points)[helps]
        return total[:, None]

    def pairs(self, points: FloatArray, single: FloatArray) -> FloatArray:
        """Return points (r, p, m) with two of the ``single`` moves each; p = 0 if too many."""
        return single[:, self._first] + single[:, self._second] - points[:, None]

    def existing(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the valid neighbours of ``points`` (r, c, m) of ``rows`` (r,), in ball and box."""
        count, each, m = points.shape
        owners = np.repeat(np.arange(count), each)
        low, high = (edge[rows][owners] for edge in self.target.box)
        flat = points.reshape(-1, m)
        inside = project(flat, np.zeros_like(flat), low, high, self.eps, self.norm)
        valid = self.target.valid(inside, rows[owners], (self.norm, self.eps))
        return valid.reshape(points.shape)

    def _room(self, points: FloatArray) -> FloatArray:
        """Return the largest change (r, m) of each feature if the others stay."""
        if self.norm == "linf":
            return np.full(points.shape, self.eps)
        power = 1 if self.norm == "l1" else 2
        spent = np.abs(points) ** power
        others = spent.sum(axis=1, keepdims=True) - spent
        return np.asarray(np.maximum(self.eps**power - others, 0.0) ** (1 / power))
