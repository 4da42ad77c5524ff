"""Checks of indices in scikit-learn's estimators that its compiled code does not check.

With such indices a crafted file could make scikit-learn read or write memory outside the model.
"""

from typing import Any

import numpy as np

from genlabel_robust.model_files.checked_values import WIDEST, UnfitError, check_tree
from genlabel_robust.model_files.object_graph import objects_in
from genlabel_robust.model_files.skops.risky_settings import check_reaching


def check_followed(root: Any) -> None:
    """Raise ``UnfitError`` if an object in ``root`` has indices outside its own memory.

    Checked are trees and forests, both kinds of gradient boosting, support vectors, nearest
    neighbours and their search trees, groups of features and sparse matrices. Also runs
    ``check_reaching``.
    """
    from scipy import sparse
    from sklearn.cluster import FeatureAgglomeration
    from sklearn.ensemble._forest import BaseForest
    from sklearn.ensemble._gb import BaseGradientBoosting
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import (
        BaseHistGradientBoosting,
    )
    from sklearn.neighbors import BallTree, KDTree
    from sklearn.neighbors._base import NeighborsBase
    from sklearn.svm._base import BaseLibSVM
    from sklearn.tree import BaseDecisionTree
    from sklearn.tree._tree import Tree

    checks = (
        (Tree, _check_tree),
        (BaseDecisionTree, _check_owner),
        (BaseForest, _check_forest),
        (BaseHistGradientBoosting, _check_histograms),
        (BaseLibSVM, _check_vectors),
        (NeighborsBase, _check_neighbours),
        ((KDTree, BallTree), _check_search_tree),
        ((sparse.spmatrix, sparse.sparray), _check_sparse),
        (FeatureAgglomeration, _check_groups),
        (BaseGradientBoosting, _check_boosted),
        (BaseGradientBoosting, _check_start),
    )
    objects = list(objects_in(root))
    try:
        check_reaching(root)
        # trees first, as the checks of their owners call them; ``_check_start`` comes last, as it
        # calls a model of any kind
        for kind, check in checks:
            for value in objects:
                if isinstance(value, kind):
                    check(value)
    except (
        AttributeError,
        KeyError,
        TypeError,
        IndexError,
        ValueError,
        ArithmeticError,
        MemoryError,
        RecursionError,
    ) as error:
        if isinstance(error, UnfitError):
            raise
        raise UnfitError(f"an estimator in it is incomplete: {error}") from error


def _need(fits: Any, what: str) -> None:
    if not fits:
        raise UnfitError(what)


def _check_tree(tree: Any) -> None:
    # checked before the arrays, whose lengths follow from these counts
    _need(1 <= tree.node_count <= tree.capacity, "a tree has no nodes, or fewer than it states")
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    depth = check_tree(left, right, "a tree")
    inner = (left != -1) & (depth >= 0)
    outside = (feature[inner] < 0) | (feature[inner] >= tree.n_features)
    _need(
        not outside.any(),
        f"a tree splits by a feature that does not exist; it has {tree.n_features}",
    )
    _need(
        depth.max() <= tree.max_depth <= tree.node_count,
        f"a tree is {depth.max()} deep, but states {tree.max_depth}",
    )


def _check_owner(estimator: Any) -> None:
    if hasattr(estimator, "tree_"):
        _need(
            type(estimator.tree_).__name__ == "Tree"
            and estimator.tree_.n_features == estimator.n_features_in_,
            "a tree has another number of features than its estimator",
        )


def _check_forest(forest: Any) -> None:
    # a forest validates the rows once; its trees do not validate them again
    for estimator in getattr(forest, "estimators_", ()):
        _need(
            estimator.tree_.n_features == forest.n_features_in_,
            "a tree has another number of features than its forest",
        )


def _check_boosted(model: Any) -> None:
    if not hasattr(model, "estimators_"):
        return
    found, width = model.estimators_, model.n_features_in_
    _need(
        found.ndim == 2 and found.shape[1] == model.n_trees_per_iteration_,
        "it does not have one boosted tree for each score",
    )
    for estimator in found.ravel():
        tree = estimator.tree_
        _need(
            tree.n_features == width and tree.value.shape[1:] == (1, 1),
            "a boosted tree has another number of features or outputs than its model",
        )


def _check_start(model: Any) -> None:
    if not hasattr(model, "estimators_"):
        return
    found, width = model.estimators_, model.n_features_in_
    _need(width <= WIDEST, "its boosted trees have an impossible number of features")
    start = model._raw_predict_init(np.zeros((1, width), dtype=np.float32))
    _need(
        start.shape == (1, found.shape[1]) and start.dtype == np.float64,
        "it does not have one boosted tree for each score",
    )


def _check_histograms(model: Any) -> None:
    for predictor in [p for each in getattr(model, "_predictors", ()) for p in each]:
        nodes, sets = predictor.nodes, predictor.raw_left_cat_bitsets
        _need(nodes.ndim == 1 and len(nodes), "a histogram tree has no nodes")
        leaf = nodes["is_leaf"].astype(bool)
        left, right = (
            np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right")
        )
        inner = nodes[(check_tree(left, right, "a tree of its histograms") >= 0) & ~leaf]
        feature, by_category = inner["feature_idx"], inner["is_categorical"].astype(bool)
        width = model._bin_mapper.is_categorical_.size
        _need(
            ((feature >= 0) & (feature < width)).all() and width == _seen_width(model),
            "a histogram tree splits by a feature that does not exist",
        )
        if by_category.any():
            known = np.flatnonzero(model._bin_mapper.is_categorical_)
            _need(
                sets.ndim == 2
                and sets.shape[1] == 8
                and (inner["bitset_idx"][by_category] < len(sets)).all()
                and np.isin(feature[by_category], known).all(),
                "a histogram tree splits by categories that do not exist",
            )


def _seen_width(model: Any) -> int:
    """Return the number of features that the trees take, after the model's preprocessing."""
    before = getattr(model, "_preprocessor", None)
    if before is None:
        return int(model.n_features_in_)
    remapped = model._is_categorical_remapped
    _need(len(remapped) == model.n_features_in_, "it does not have categories for each feature")
    return len(remapped)


def _check_vectors(model: Any) -> None:
    if not hasattr(model, "support_vectors_"):
        return
    _need(model.kernel != "precomputed", "its kernel is 'precomputed', so it takes no features")
    vectors, counts = model.support_vectors_, model._n_support
    n, k = vectors.shape[0], len(counts)
    duals = model._dual_coef_
    sparse = bool(model._sparse)
    count = len(duals.data) if sparse else duals.size
    pairs = k * (k - 1) // 2
    _need(
        vectors.shape == (n, model.n_features_in_)
        and (counts >= 0).all()
        and counts.sum() == n == len(model.support_)
        and (hasattr(vectors, "indptr"), hasattr(duals, "indptr")) == (sparse, sparse)
        and duals.shape == (k - 1, n)
        and count == (k - 1) * n
        and model._intercept_.shape == (pairs,)
        and len(model._probA) == len(model._probB)
        and len(model._probA) in (0, pairs)
        and (not hasattr(model, "classes_") or len(model.classes_) == k),
        "the number of its support vectors is not the one it states",
    )


def _check_neighbours(model: Any) -> None:
    if not hasattr(model, "_fit_X"):
        return
    n, width = model._fit_X.shape
    _need(
        width == model.n_features_in_ and n == model.n_samples_fit_,
        "its neighbours have another number of rows or features than it states",
    )
    labels = getattr(model, "_y", None)
    if labels is not None:
        classes = getattr(model, "classes_", None)
        _need(
            len(labels) == n
            and (not isinstance(classes, np.ndarray) or _among(labels, len(classes))),
            "its neighbours have classes that do not exist",
        )
    tree = getattr(model, "_tree", None)
    if tree is not None:
        _need(
            tree.__getstate__()[0].shape == (n, width),
            "the tree of its neighbours was built from other rows than it states",
        )


def _among(codes: np.ndarray, k: int) -> bool:
    return bool(((codes >= 0) & (codes < k)).all())


def _check_search_tree(tree: Any) -> None:
    rows, order, nodes, bounds, _, levels, n_nodes, *_, metric, _ = tree.__getstate__()
    n, width = rows.shape
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    sides = 2 if type(tree).__name__.startswith("KD") else 1
    name, vector = type(metric).__name__, metric.__getstate__()[1]
    weighed = name.startswith(("SEuclidean", "Mahalanobis")) or (
        name.startswith("Minkowski") and len(vector) > 1
    )
    _need(
        n >= 1
        and 0 < levels < 64  # checked before 2**levels
        and len(order) == n
        and _among(order, n)
        and len(nodes) == n_nodes == 2**levels - 1
        and bounds.shape == (sides, n_nodes, width)
        and (nodes["idx_start"] >= 0).all()
        and (nodes["idx_start"] <= nodes["idx_end"]).all()
        and (nodes["idx_end"] <= n).all()
        and (2 * inner + 2 < n_nodes).all(),
        "a tree of neighbours refers to rows or nodes that do not exist",
    )
    _need(
        not weighed and (width == 2 or not name.startswith("Haversine")),
        f"a tree of neighbours has the metric {name}, which is not supported",
    )


def _check_groups(model: Any) -> None:
    # scikit-learn allocates an array of means as long as the largest label
    if hasattr(model, "labels_"):
        _need(
            len(model.labels_) == model.n_features_in_
            and _among(model.labels_, model.n_features_in_),
            "its groups of features refer to features that do not exist",
        )


def _check_sparse(matrix: Any) -> None:
    _need(
        matrix.format in ("csr", "csc"),
        f"a sparse matrix in it has the format {matrix.format}, which is not supported",
    )
    matrix.check_format(full_check=True)
