"""Decision trees and forests of scikit-learn: averages of class shares in leaves."""

from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import Nodes, core_trees, threshold_nodes
from genlabel_robust.structure.floats import cut_of_float32
from genlabel_robust.structure.folding.trees import folded


def read_tree(tree: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``DecisionTreeClassifier`` or ``ExtraTreeClassifier``."""
    refuse_many_outputs(tree)
    return folded(core_trees([_shares(tree, 1)], np.zeros(tree.n_classes_), 0.0), front)


def read_forest(forest: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``RandomForestClassifier`` or ``ExtraTreesClassifier``."""
    refuse_many_outputs(forest)
    trees = [_shares(tree, len(forest.estimators_)) for tree in forest.estimators_]
    return folded(core_trees(trees, np.zeros(forest.n_classes_), FLOAT64, ordered=False), front)


def refuse_many_outputs(model: Any) -> None:
    """Raise ``UnreadError`` unless ``model`` predicts a single label per row."""
    if model.n_outputs_ != 1:
        raise UnreadError(f"it decides for {model.n_outputs_} labels a row")


def nodes_of(tree: Any, value: FloatArray) -> Nodes:
    """Return the nodes of ``tree``, a ``tree_``; ``value`` (m, k): the values of leaves.

    A row is cast to float32, and its value goes to the left if it is at most the threshold, which
    is a float64.
    """
    cut = cut_of_float32(np.asarray(tree.threshold, dtype=np.float64))
    # a forest without support for missing values refuses them
    missing = np.asarray(getattr(tree, "missing_go_to_left", np.zeros(len(cut)))).astype(bool)
    return threshold_nodes(
        np.asarray(tree.feature),
        cut,
        missing,
        np.asarray(tree.children_left),
        np.asarray(tree.children_right),
        value,
    )


def _shares(tree: Any, of: int) -> Nodes:
    return nodes_of(tree.tree_, np.asarray(tree.tree_.value[:, 0, :], dtype=np.float64) / of)
