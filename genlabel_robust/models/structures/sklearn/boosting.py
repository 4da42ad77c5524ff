"""Gradient boosting of scikit-learn: a prior, and regression trees times the learning rate."""

from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models.structures.sklearn.forest import nodes_of
from genlabel_robust.structure import FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import core_trees
from genlabel_robust.structure.folding.trees import folded


def read(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``GradientBoostingClassifier``.

    It predicts directly by the margins: for two classes by the sign of a single one.
    """
    base = _base(model)
    k = len(base)
    trees = []
    for stage in model.estimators_:
        for output, tree in enumerate(stage):
            at = output + 1 if len(stage) == 1 else output
            value = np.zeros((tree.tree_.node_count, k))
            value[:, at] = model.learning_rate * tree.tree_.value[:, 0, 0]
            trees.append(nodes_of(tree.tree_, value))
    return folded(core_trees(trees, base, FLOAT64), front)


def _base(model: Any) -> FloatArray:
    """Return the initial margins (k,), which must not depend on the row."""
    from sklearn.dummy import DummyClassifier

    constant = isinstance(model.init_, DummyClassifier) and model.init_.strategy == "prior"
    if not (isinstance(model.init_, str) or constant):
        raise UnreadError(f"boosting begins with {type(model.init_).__name__}, and not a constant")
    begun = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))
    base = np.asarray(begun, dtype=np.float64)[0]
    return np.concatenate([[0.0], base]) if len(base) == 1 else base
