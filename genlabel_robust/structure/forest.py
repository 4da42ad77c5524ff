"""Votes of random forests without scikit-learn's overhead per call."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core import Float32Array, FloatArray

#: A function of features (q, d) in float32 that returns the estimator's probabilities (q, k).
Votes: TypeAlias = Callable[[Float32Array], FloatArray]

#: Up to this many rows, all trees are walked at once; beyond, one call per tree is faster.
_FEW = 8


def forest_votes(estimator: Any) -> Votes | None:
    """Return a function that equals ``estimator.predict_proba`` bit for bit, None if unknown.

    Supports ``RandomForestClassifier`` and ``ExtraTreesClassifier``. Black-box attacks make many
    thousand queries, and scikit-learn's own call takes milliseconds for any number of rows.
    """
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    if type(estimator) not in (RandomForestClassifier, ExtraTreesClassifier):
        return None
    trees = [tree.tree_ for tree in estimator.estimators_]
    few, many = _walked_at_once(trees), _tree_by_tree(trees)
    return lambda x: few(x) if len(x) <= _FEW else many(x)


def _tree_by_tree(trees: list[Any]) -> Votes:
    """Return votes for which each tree finds the leaves of all rows by itself."""
    leaves = [(tree.apply, tree.value[:, 0, :].copy()) for tree in trees]

    def votes(x: Float32Array) -> FloatArray:
        # scikit-learn adds tree after tree; a pairwise sum could break ties differently
        total = np.zeros((len(x), leaves[0][1].shape[1]))
        for apply, value in leaves:
            total += value.take(apply(x), axis=0)
        return total / len(leaves)

    return votes


def _walked_at_once(trees: list[Any]) -> Votes:
    """Return votes that advance every path in every tree by one step at a time, in flat arrays."""
    offsets = np.cumsum([0, *(tree.node_count for tree in trees)])
    pairs = list(zip(trees, offsets[:-1], strict=True))
    nodes = np.arange(offsets[-1])
    feature = np.concatenate([np.maximum(tree.feature, 0) for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    is_leaf = np.concatenate([tree.children_left < 0 for tree in trees])
    # a leaf is its own child, so that every path can take the same number of steps
    left, right = (
        np.where(is_leaf, nodes, np.concatenate([getattr(t, side) + start for t, start in pairs]))
        for side in ("children_left", "children_right")
    )
    value = np.concatenate([tree.value[:, 0, :] for tree in trees])
    depth = max(tree.max_depth for tree in trees)
    roots = offsets[:-1]

    def votes(x: Float32Array) -> FloatArray:
        wide, rows = x.astype(np.float64), np.arange(len(x))[:, None]
        at = np.broadcast_to(roots, (len(x), len(roots)))
        for _ in range(depth):
            at = np.where(wide[rows, feature[at]] <= threshold[at], left[at], right[at])
        return np.asarray(value[at].cumsum(axis=1)[:, -1] / len(roots))

    return votes
