"""Random forests as flat arrays: the same votes, without a Python call per tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core.arrays import Float32Array, FloatArray

#: Features (q, d) in float32 -> probabilities (q, k of the estimator).
Votes: TypeAlias = Callable[[Float32Array], FloatArray]

#: Numbers in the largest array of one block of rows.
_BLOCK = 2_000_000


def forest_votes(estimator: Any) -> Votes | None:
    """Return a function that gives ``estimator.predict_proba`` to the last bit, None if unknown.

    Known are ``RandomForestClassifier`` and ``ExtraTreesClassifier``. Black-box
    attacks ask about a few points many thousand times, and scikit-learn's own call
    takes milliseconds whatever their number.
    """
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    if type(estimator) not in (RandomForestClassifier, ExtraTreesClassifier):
        return None
    trees = [tree.tree_ for tree in estimator.estimators_]
    offsets = np.cumsum([0, *(tree.node_count for tree in trees)])
    pairs = list(zip(trees, offsets[:-1], strict=True))
    nodes = np.arange(offsets[-1])
    feature = np.concatenate([np.maximum(tree.feature, 0) for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    is_leaf = np.concatenate([tree.children_left < 0 for tree in trees])
    # a leaf's children are itself, so that every path can take the same number of steps
    left, right = (
        np.where(is_leaf, nodes, np.concatenate([getattr(t, side) + start for t, start in pairs]))
        for side in ("children_left", "children_right")
    )
    value = np.concatenate([tree.value[:, 0, :] for tree in trees])
    depth = max(tree.max_depth for tree in trees)
    roots = offsets[:-1]

    def block(x: FloatArray) -> FloatArray:
        rows = np.arange(len(x))[:, None]
        at = np.broadcast_to(roots, (len(x), len(roots)))
        for _ in range(depth):
            at = np.where(x[rows, feature[at]] <= threshold[at], left[at], right[at])
        # scikit-learn adds tree after tree; a pairwise sum could break a tie the other way
        return np.asarray(np.cumsum(value[at], axis=1)[:, -1] / len(roots))

    size = max(1, _BLOCK // (len(roots) * value.shape[1]))

    def votes(x: Float32Array) -> FloatArray:
        wide = x.astype(np.float64)
        parts = [block(wide[start : start + size]) for start in range(0, len(wide), size)]
        return np.concatenate(parts) if parts else np.zeros((0, value.shape[1]))

    return votes
