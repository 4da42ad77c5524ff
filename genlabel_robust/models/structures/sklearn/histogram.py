"""Histogram boosting of scikit-learn: a prior, and trees with missing values and sets."""

from typing import Any

import numpy as np

from genlabel_robust.models.structures.sklearn.columns import behind
from genlabel_robust.structure import FLOAT64, Front, Structure
from genlabel_robust.structure.core_trees import Nodes, Split, core_trees
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.rounding import LINK64

#: Categories are integers below this.
_MOST = 256


def read(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``HistGradientBoostingClassifier``."""
    if getattr(model, "_preprocessor", None) is not None:
        front = behind(front, model._preprocessor)
    begun = np.ravel(model._baseline_prediction).astype(np.float64)
    base = np.concatenate([[0.0], begun]) if len(begun) == 1 else begun
    trees = []
    for stage in model._predictors:
        for output, tree in enumerate(stage):
            at = output + 1 if len(stage) == 1 else output
            trees.append(_nodes(tree, at, len(base), model))
    return folded(core_trees(trees, base, FLOAT64, LINK64), front)


def _nodes(tree: Any, output: int, k: int, model: Any) -> Nodes:
    nodes = tree.nodes
    inner = ~nodes["is_leaf"].astype(bool)
    known: dict[Split, int] = {}
    split = np.full(len(nodes), -1, dtype=np.int64)
    for number in np.flatnonzero(inner).tolist():
        split[number] = known.setdefault(_split(nodes[number], tree), len(known))
    left, right = (np.where(inner, nodes[side].astype(np.int64), -1) for side in ("left", "right"))
    value = np.zeros((len(nodes), k))
    value[:, output] = np.where(inner, 0.0, nodes["value"])
    return Nodes(split, tuple(known), left, right, value)


def _split(node: Any, tree: Any) -> Split:
    column, missing = int(node["feature_idx"]), bool(node["missing_go_to_left"])
    if not node["is_categorical"]:
        return Split(column, (float(node["num_threshold"]),), (True, False), missing)
    line = int(node["bitset_idx"])
    to_left = _members(tree.raw_left_cat_bitsets[line])
    # unknown categories have already been coded as missing
    return Split(
        column,
        tuple(float(code) for code in range(-1, _MOST)),
        (missing, *to_left, missing),
        missing,
    )


def _members(words: Any) -> tuple[bool, ...]:
    bits = np.asarray(words, dtype=np.uint32)
    return tuple(bool(bits[code // 32] >> np.uint32(code % 32) & 1) for code in range(_MOST))
