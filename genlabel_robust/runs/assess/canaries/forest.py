"""The canary for models without gradients: a small forest with margins by enumeration.

Thresholds divide the unit cube into cells with constant answers. The margin of a row is its
distance to the nearest cell with another answer; there are few enough cells to examine all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import cast

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, NotApplicableError, generator
from genlabel_robust.runs.assess.canaries.canary import Canary, unit_cube
from genlabel_robust.threat import Knowledge, Norm

_ROWS, _FEATURES, _CLASSES = 60, 6, 3
_TREES, _DEPTH = 9, 2


@dataclass(frozen=True, eq=False)
class PlainForest:
    """Complete trees as arrays, whose leaves are averaged.

    ``feature``, ``threshold`` (trees, 2**depth - 1): the inner nodes, level by level; a row
    goes left where its feature is at most the threshold. ``leaves`` (trees, 2**depth, k).
    """

    feature: IntArray
    threshold: FloatArray
    leaves: FloatArray
    knowledge: Knowledge = "scores"

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return int(self.leaves.shape[2])

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the mean of the trees' probabilities: (n, d) -> (n, k)."""
        total = np.zeros((len(raw), self.n_classes))
        rows = np.arange(len(raw))
        inner = self.feature.shape[1]
        for feature, threshold, leaves in zip(
            self.feature, self.threshold, self.leaves, strict=True
        ):
            node = np.zeros(len(raw), dtype=np.int64)
            for _ in range(_depth(inner)):
                node = 2 * node + 1 + (raw[rows, feature[node]] > threshold[node])
            total += leaves[node - inner]
        return total / len(self.leaves)

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)

    def vjp(
        self, raw: FloatArray, weigh: Callable[[FloatArray], FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Raise ``NotApplicableError``."""
        raise NotApplicableError("the model has no gradients")


def forest_canary(norm: Norm, knowledge: Knowledge) -> Canary:
    """Return a forest of six features and three classes that offers ``knowledge``."""
    canary = _forest(norm)
    return replace(canary, model=replace(cast("PlainForest", canary.model), knowledge=knowledge))


@cache
def _forest(norm: Norm) -> Canary:
    rng = generator(0, "forest canary")
    inner = 2**_DEPTH - 1
    forest = PlainForest(
        feature=rng.integers(0, _FEATURES, (_TREES, inner)),
        threshold=rng.uniform(0.1, 0.9, (_TREES, inner)),
        leaves=rng.dirichlet(np.full(_CLASSES, 0.5), (_TREES, inner + 1)),
    )
    raw = rng.uniform(0.0, 1.0, (_ROWS, _FEATURES))
    pool = rng.uniform(0.0, 1.0, (_ROWS, _FEATURES))
    return Canary(forest, raw, forest_distance(forest, raw, norm), pool)


def forest_distance(forest: PlainForest, raw: FloatArray, norm: Norm) -> FloatArray:
    """Return the distance (n,) of each row (n, d) of the unit cube to another answer in it.

    Infinite if the forest gives one answer everywhere. The distance to a cell is that to
    its closure; where the cell is open, it is approached but not attained.
    """
    d = raw.shape[1]
    edges = [np.unique([0.0, *forest.threshold[forest.feature == axis], 1.0]) for axis in range(d)]
    low, high = (
        np.array(list(product(*(edge[part] for edge in edges))))
        for part in (slice(None, -1), slice(1, None))
    )
    # a cell is (low, high], so its upper corner belongs to it and has its answer
    answers, own = forest.predict(high), forest.predict(raw)
    found = np.full(len(raw), np.inf)
    for row, (x, label) in enumerate(zip(raw, own, strict=True)):
        others = answers != label
        gaps = np.maximum(np.maximum(low[others] - x, x - high[others]), 0.0)
        found[row] = unit_cube(d).length(gaps, norm).min(initial=np.inf)
    return found


def _depth(inner: int) -> int:
    return int(inner + 1).bit_length() - 1
