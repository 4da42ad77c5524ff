"""What wraps estimators of scikit-learn: searches, and soft votes of trees and forests."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models.structures.inside import read_inside
from genlabel_robust.structure import (
    FLOAT64,
    Front,
    NoStructure,
    Structure,
    TreeEnsemble,
    UnreadError,
)

#: Estimators whose scores are probabilities, and sums over trees.
_SHARES = (
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
    "RandomForestClassifier",
    "ExtraTreesClassifier",
    "BaggingClassifier",
    "VotingClassifier",
)


def read_search(search: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of the best estimator that a fitted search found."""
    return read_inside(search.best_estimator_, front)


def read_voting(voting: Any, front: Front) -> Structure | NoStructure:
    """Return that of a fitted ``VotingClassifier`` that averages the probabilities of trees."""
    if voting.voting != "soft":
        raise UnreadError("it counts votes of labels; only soft votes are sums")
    weights = voting._weights_not_none
    share = np.ones(len(voting.estimators_)) if weights is None else np.array(weights, float)
    return averaged(voting.estimators_, [front] * len(share), share / share.sum(), voting)


def read_bagging(bagging: Any, front: Front) -> Structure | NoStructure:
    """Return that of a fitted ``BaggingClassifier`` of trees or forests."""
    if hasattr(bagging, "n_outputs_") and bagging.n_outputs_ != 1:
        raise UnreadError(f"it decides for {bagging.n_outputs_} labels a row")
    n = len(bagging.estimators_)
    fronts = [front.taking(columns.tolist()) for columns in bagging.estimators_features_]
    return averaged(bagging.estimators_, fronts, np.full(n, 1 / n), bagging)


def averaged(
    estimators: list[Any], fronts: list[Front], share: FloatArray, whole: Any
) -> TreeEnsemble:
    """Return the sum of what ``estimators`` give, each times its ``share``."""
    found = []
    for estimator, front in zip(estimators, fronts, strict=True):
        if (name := _last(estimator)) not in _SHARES:
            raise UnreadError(f"it averages probabilities of {name}, which are no sums of leaves")
        own = read_inside(estimator, front)
        columns = np.searchsorted(np.arange(len(whole.classes_)), estimator.classes_)
        if not isinstance(own, TreeEnsemble):
            raise UnreadError(f"nothing is known of the inside of {name}")
        found.append(_placed(own, columns, len(whole.classes_)))
    return _together(found, share)


def _placed(trees: TreeEnsemble, columns: IntArray, k: int) -> TreeEnsemble:
    """Return ``trees`` with shares of 0 for the classes of ``k`` that are not in ``columns``."""
    value, base = np.zeros((len(trees.value), k)), np.zeros(k)
    value[:, columns], base[columns] = trees.value, trees.base
    return replace(trees, value=value, base=base)


def _last(estimator: Any) -> str:
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    return type(estimator).__name__


def _together(parts: Sequence[TreeEnsemble], share: FloatArray) -> TreeEnsemble:
    """Return the sum of the scores of ``parts`` (p,) over the same classes, times ``share`` (p,).

    ``rounding`` is that of a library that adds such products in float64.
    """
    starts = np.cumsum([0, *(len(part.feature) for part in parts)])[:-1].tolist()
    pairs = list(zip(parts, starts, strict=True))
    value = [s * part.value for part, s in zip(parts, share.tolist(), strict=True)]
    base = np.sum([s * part.base for part, s in zip(parts, share.tolist(), strict=True)], axis=0)
    rounding = float(np.sum([p.rounding * abs(s) for p, s in zip(parts, share, strict=True)]))
    size = float(np.sum([abs(s) * p.largest() for p, s in zip(parts, share, strict=True)]))
    return TreeEnsemble(
        np.concatenate([part.roots + start for part, start in pairs]),
        np.concatenate([part.feature for part in parts]),
        np.concatenate([part.threshold for part in parts]),
        np.concatenate([part.left + start for part, start in pairs]),
        np.concatenate([part.right + start for part, start in pairs]),
        np.concatenate(value),
        base,
        rounding + 2 * (len(parts) + 4) * FLOAT64 * size,
    )
