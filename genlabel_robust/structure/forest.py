"""The votes of random forests without scikit-learn's overhead for each call."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core import Float32Array, FloatArray

#: Features (q, d) in float32 -> probabilities (q, k of the estimator).
Votes: TypeAlias = Callable[[Float32Array], FloatArray]

#: Up to so many rows all trees are walked at once; beyond, one call per tree is faster.
_FEW = 8


def forest_votes(estimator: Any) -> Votes | None:
    """Return a function that gives ``estimator.predict_proba`` to the last bit, None if unknown.

    Known are ``RandomForestClassifier`` and ``ExtraTreesClassifier``. Black-box attacks
    ask many thousand times, and scikit-learn's own call takes milliseconds whatever the
    number of rows.
    """
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    if type(estimator) not in (RandomForestClassifier, ExtraTreesClassifier):
        return None
    trees = [tree.tree_ for tree in estimator.estimators_]
    few, many = _walked_at_once(trees), _tree_by_tree(trees)
    return lambda x: few(x) if len(x) <= _FEW else many(x)


def _tree_by_tree(trees: list[Any]) -> Votes:
    """Each tree finds the leaves of all rows by itself."""
    leaves = [(tree.apply, tree.value[:, 0, :].copy()) for tree in trees]

    def votes(x: Float32Array) -> FloatArray:
        # scikit-learn adds tree after tree; a pairwise sum could break a tie the other way
        total = np.zeros((len(x), leaves[0][1].shape[1]))
        for apply, value in leaves:
            total += value.take(apply(x), axis=0)
        return total / len(leaves)

    return votes


def _walked_at_once(trees: list[Any]) -> Votes:
    """All nodes as flat arrays, and one step of every path in every tree at a time."""
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

    def votes(x: Float32Array) -> FloatArray:
        wide, rows = x.astype(np.float64), np.arange(len(x))[:, None]
        at = np.broadcast_to(roots, (len(x), len(roots)))
        for _ in range(depth):
            at = np.where(wide[rows, feature[at]] <= threshold[at], left[at], right[at])
        return np.asarray(value[at].cumsum(axis=1)[:, -1] / len(roots))

    return votes
