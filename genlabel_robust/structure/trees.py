"""Tree ensembles: scores that are sums of one leaf of each tree."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray, IntArray

#: How many paths are walked at a time, so that their data stay in the CPU's cache.
_AT_ONCE = 2**15


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """Trees on raw features (d,), all nodes of all trees in flat arrays (N,).

    ``roots`` (t,): the root of each tree. At a node, a row goes to ``left`` if its value of
    ``feature`` is at most ``threshold``, otherwise to ``right``. The comparison is exact in
    float64: the type in which the library compares, ``<`` or ``<=``, and a pipeline's
    transformations of the column are folded into the threshold. ``feature`` is -1 at a leaf, whose
    ``left`` and ``right`` are the leaf itself. ``value`` (N, k): what a leaf adds to the scores, 0
    elsewhere; ``base`` (k,): the initial scores. A node may have several parents: a split on
    missing values or on a set of categories is a chain of such comparisons with common targets.

    ``rounding``: a bound on the error of a difference of two scores as the library computes them
    and decides by them, including the rounding of a link function. If two scores are no farther
    apart, only the library knows which label it returns.
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
        """Return a bound on the absolute value of all scores."""
        size = float(np.abs(self.value).max(initial=0.0))
        return float(np.abs(self.base).max(initial=0.0)) + len(self.roots) * size

    def leaves(self, raw: FloatArray) -> IntArray:
        """Return the leaf that each row reaches in each tree: (n, d) -> (n, t)."""
        found = np.empty((len(raw), len(self.roots)), dtype=np.int64)
        step = max(1, _AT_ONCE // max(1, len(self.roots)))
        for start in range(0, len(raw), step):
            rows = np.ascontiguousarray(raw[start : start + step], dtype=np.float64)
            found[start : start + step] = self._walked(rows)
        return found

    def _walked(self, raw: FloatArray) -> IntArray:
        n, d = raw.shape
        at = np.tile(self.roots, n)
        flat, line = raw.ravel(), np.repeat(np.arange(n) * d, len(self.roots))
        under_way = np.flatnonzero(self.feature.take(at) >= 0)
        while len(under_way):
            node = at.take(under_way)
            value = flat.take(line.take(under_way) + self.feature.take(node))
            goes_left = value <= self.threshold.take(node)
            node = np.where(goes_left, self.left.take(node), self.right.take(node))
            at[under_way] = node
            under_way = under_way[self.feature.take(node) >= 0]
        return at.reshape(n, len(self.roots))

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores: (n, d) -> (n, k)."""
        scores = np.empty((len(raw), self.n_classes))
        step = max(1, _AT_ONCE // max(1, len(self.roots)))
        for start in range(0, len(raw), step):
            leaves = self.leaves(raw[start : start + step])
            scores[start : start + step] = self.value[leaves].sum(axis=1) + self.base
        return scores

    def pruned(self) -> "TreeEnsemble":
        """Return the ensemble with only the nodes that can be reached from a root, in order."""
        reached = np.zeros(len(self.feature), dtype=bool)
        now = np.unique(self.roots)
        while len(now):
            reached[now] = True
            ahead = np.unique(np.concatenate([self.left[now], self.right[now]]))
            now = ahead[~reached[ahead]]
        if reached.all():
            return self
        new = np.cumsum(reached) - 1
        return TreeEnsemble(
            new[self.roots],
            self.feature[reached],
            self.threshold[reached],
            new[self.left[reached]],
            new[self.right[reached]],
            self.value[reached],
            self.base,
            self.rounding,
        )
