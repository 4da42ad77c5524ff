"""Ensembles of trees: scores that are sums of one leaf of each tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """Trees over raw features (d,), all nodes of all trees in flat arrays (N,).

    ``roots`` (t,): the node at which each tree begins. A row goes from a node to ``left`` where
    its value of ``feature`` is at most ``threshold``, else to ``right``. The comparison is exact
    in float64: the type in which the library compares, ``<`` or ``<=``, and what a pipeline does
    to the column before are folded into the threshold. ``feature`` is -1 at a leaf, which is its
    own ``left`` and ``right``. ``value`` (N, k): what a leaf adds to the scores, 0 elsewhere;
    ``base`` (k,): what they begin with. A node may have several parents: a split by what is
    missing, or by a set of categories, is a chain of such comparisons with common ends.

    ``rounding``: the most by which a difference of two of the library's own scores, as it decides
    by them, is off the difference of these sums; what a link function rounds away is in it.
    Where two scores lie no farther apart, only the library says which label it gives.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    value: FloatArray
    base: FloatArray
    rounding: float

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.base)

    def largest(self) -> float:
        """Return a number that no score is above in absolute value."""
        size = float(np.abs(self.value).max(initial=0.0))
        return float(np.abs(self.base).max(initial=0.0)) + len(self.roots) * size

    def leaves(self, raw: FloatArray) -> IntArray:
        """Return the leaf that each row reaches in each tree: (n, d) -> (n, t)."""
        rows = np.arange(len(raw))[:, None]
        at = np.broadcast_to(self.roots, (len(raw), len(self.roots)))
        while True:
            feature = self.feature[at]
            if (feature < 0).all():
                return np.asarray(at)
            goes_left = raw[rows, np.maximum(feature, 0)] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores: (n, d) -> (n, k)."""
        return np.asarray(self.value[self.leaves(raw)].sum(axis=1) + self.base)
