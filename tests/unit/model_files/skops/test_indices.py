from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import skops.io
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.skops.indices import check_followed
from genlabel_robust.runs.folder.weights import read_model

X, Y = load_iris(return_X_y=True)


def tree(**changes: tuple[int, Any]) -> DecisionTreeClassifier:
    """A fitted tree with one field of its nodes changed."""
    model = DecisionTreeClassifier(max_depth=3).fit(X, Y)
    state = model.tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    for field, (at, value) in changes.items():
        if field in state["nodes"].dtype.names:
            state["nodes"][field][at] = value
        else:
            state[field] = value
    model.tree_.__setstate__(state)
    return model


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda: tree(left_child=(0, 10**9)), "node 0 has the children"),
        (lambda: tree(right_child=(0, -5)), "node 0 has the children"),
        (lambda: tree(left_child=(0, 0)), "node 0 has the children"),
        (lambda: tree(right_child=(0, 1)), "two paths"),
        (lambda: tree(feature=(0, 4)), "does not exist; it has 4"),
        (lambda: tree(feature=(0, -10)), "does not exist; it has 4"),
        (lambda: tree(node_count=(0, 10**6)), "fewer than it states"),
        (lambda: tree(node_count=(0, 0)), "no nodes"),
        (lambda: tree(max_depth=(0, 1)), "is 3 deep, but states 1"),
        (lambda: tree(max_depth=(0, 10**9)), "deep, but states"),
    ],
)
def test_a_crafted_tree_is_refused_wherever_it_stands(model: Any, told: str) -> None:
    forest = RandomForestClassifier(3).fit(X, Y)
    forest.estimators_[1] = model()
    for holder in (model(), forest, make_pipeline(StandardScaler(), model()), {"a": [(model(),)]}):
        with pytest.raises(UnfitError, match=told):
            check_followed(holder)


def test_a_crafted_tree_in_a_runs_own_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    held = {"estimator": tree(feature=(0, 10**7)), "offset": np.zeros(4), "scale": np.ones(4)}
    path.write_bytes(skops.io.dumps(held))
    with pytest.raises(
        ConfigurationError,
        match=r"m\.skops is not a readable skops file.* does not exist; it has 4",
    ):
        read_model(path, SimpleNamespace(architecture="sklearn:any", settings={}), 4, 3)


def changed(model: Any, **attributes: Any) -> Any:
    model.fit(X, Y)
    for name, value in attributes.items():
        setattr(model, name, value(getattr(model, name)) if callable(value) else value)
    return model


def of_nodes(field: str, value: int) -> Any:
    """Return a change to the nodes of the first histogram tree."""

    def change(predictors: Any) -> Any:
        nodes = predictors[0][0].nodes.copy()
        nodes[field][0] = value
        predictors[0][0].nodes = nodes
        return predictors

    return change


def of_search_tree(part: int, change: Any) -> Any:
    def changed_tree(found: Any) -> Any:
        state = list(found.__getstate__())
        state[part] = change(np.array(state[part])) if part < 4 else change
        found.__setstate__(tuple(state))
        return found

    return changed_tree


def put(at: Any, value: Any) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        array[at] = value
        return array

    return change


def started_otherwise(model: Any) -> Any:
    """Boosting whose initial model gives one score instead of three."""
    model.init_ = GradientBoostingClassifier(n_estimators=1).fit(X, Y > 0).init_
    return model


HISTOGRAMS, NEIGHBOURS = HistGradientBoostingClassifier, KNeighborsClassifier
CRAFTED: dict[str, Any] = {
    "a forest of fewer features": lambda: changed(RandomForestClassifier(2), n_features_in_=3),
    "a tree of fewer features": lambda: changed(DecisionTreeClassifier(), n_features_in_=3),
    "boosted scores": lambda: changed(
        GradientBoostingClassifier(n_estimators=2), n_trees_per_iteration_=1
    ),
    "boosted features": lambda: changed(
        GradientBoostingClassifier(n_estimators=2), n_features_in_=3
    ),
    "a start": lambda: started_otherwise(GradientBoostingClassifier(n_estimators=2).fit(X, Y)),
    "a node of histograms": lambda: changed(
        HISTOGRAMS(max_iter=1), _predictors=of_nodes("left", 10**6)
    ),
    "a feature of histograms": lambda: changed(
        HISTOGRAMS(max_iter=1), _predictors=of_nodes("feature_idx", 4)
    ),
    "a category of histograms": lambda: changed(
        HISTOGRAMS(max_iter=1), _predictors=of_nodes("is_categorical", 1)
    ),
    "counts of vectors": lambda: changed(SVC(), _n_support=lambda n: n * 2),
    "vectors": lambda: changed(SVC(), support_vectors_=lambda v: v[:, :3]),
    "duals": lambda: changed(SVC(), _dual_coef_=lambda v: v[:1]),
    "intercepts": lambda: changed(SVC(), _intercept_=lambda v: v[:1]),
    "a kernel": lambda: changed(SVC(), kernel="precomputed"),
    "a row of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="kd_tree"), _tree=of_search_tree(1, put(0, 10**6))
    ),
    "an end of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="kd_tree"), _tree=of_search_tree(2, put(0, (0, 10**6, 0, 1.0)))
    ),
    "a leaf of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="ball_tree"), _tree=of_search_tree(2, put(-1, (0, 1, 0, 1.0)))
    ),
    "bounds of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="kd_tree"), _tree=of_search_tree(3, lambda b: b[:1])
    ),
    "levels of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="kd_tree"), _tree=of_search_tree(5, 2**40)
    ),
    "no levels of neighbours": lambda: changed(
        NEIGHBOURS(algorithm="kd_tree"), _tree=of_search_tree(5, -1)
    ),
    "labels of neighbours": lambda: changed(NEIGHBOURS(), _y=lambda y: y[:-1]),
    "classes of neighbours": lambda: changed(NEIGHBOURS(), _y=lambda y: y + 10**6),
    "rows of neighbours": lambda: changed(NEIGHBOURS(), _fit_X=lambda x: x[:, :2]),
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_estimator_is_refused(what: str) -> None:
    with pytest.raises(UnfitError):
        check_followed(CRAFTED[what]())


def test_a_power_of_many_levels_is_not_computed() -> None:
    began = time.monotonic()
    with pytest.raises(UnfitError, match="refers to rows or nodes"):
        check_followed(CRAFTED["levels of neighbours"]())
    assert time.monotonic() - began < 120


def test_what_a_method_is_of_is_looked_at() -> None:
    with pytest.raises(UnfitError, match="does not exist; it has 4"):
        check_followed(FunctionTransformer(tree(feature=(0, 4)).predict))


def test_a_sparse_matrix_that_points_outside_is_refused() -> None:
    matrix = sparse.csr_matrix(np.eye(3))
    check_followed([matrix])
    matrix.indices[0] = 10**6
    with pytest.raises(UnfitError):
        check_followed([matrix])


def test_what_was_fitted_is_let_through() -> None:
    encoder = OneHotEncoder(handle_unknown="ignore")
    for model in (
        tree(),
        RandomForestClassifier(3),
        DecisionTreeClassifier(ccp_alpha=0.02),
        GradientBoostingClassifier(n_estimators=2),
        GradientBoostingClassifier(n_estimators=2, init="zero"),
        HISTOGRAMS(max_iter=2, categorical_features=[3]),
        NEIGHBOURS(algorithm="kd_tree", leaf_size=2),
        NEIGHBOURS(algorithm="ball_tree", metric="canberra"),
        SVC(),
        make_pipeline(encoder, SVC()),
        make_pipeline(encoder, NEIGHBOURS()),
    ):
        check_followed(model)  # before it is fitted as well
        check_followed(model.fit(np.round(X), Y))
