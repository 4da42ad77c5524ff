"""Wrappers of estimators in scikit-learn: searches, soft votes and bagging."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models.structures.inside import read_inside
from genlabel_robust.models.structures.sklearn.members import SHARES, last_of, member
from genlabel_robust.structure import (
    FLOAT64,
    Front,
    Member,
    NoStructure,
    Structure,
    TreeEnsemble,
    UnreadError,
    Vote,
)


def read_search(search: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of the best estimator of a fitted search."""
    return read_inside(search.best_estimator_, front)


def read_voting(voting: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of a fitted ``VotingClassifier`` that averages probabilities."""
    if voting.voting != "soft":
        raise UnreadError("it counts votes of labels; only soft votes are read")
    weights = voting._weights_not_none
    share = np.ones(len(voting.estimators_)) if weights is None else np.array(weights, float)
    return averaged(voting.estimators_, [front] * len(share), share / share.sum(), voting)


def read_bagging(bagging: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of a ``BaggingClassifier`` whose estimators have probabilities."""
    if hasattr(bagging, "n_outputs_") and bagging.n_outputs_ != 1:
        raise UnreadError(f"it decides for {bagging.n_outputs_} labels a row")
    n = len(bagging.estimators_)
    fronts = [front.taking(columns.tolist()) for columns in bagging.estimators_features_]
    return averaged(bagging.estimators_, fronts, np.full(n, 1 / n), bagging)


def averaged(
    estimators: list[Any], fronts: list[Front], share: FloatArray, whole: Any
) -> TreeEnsemble | Vote:
    """Return the average of the probabilities of ``estimators``, each times its ``share``.

    An average of trees' probabilities is a sum of trees, any other one a vote.
    """
    k = len(whole.classes_)
    found: list[Member] = []
    sums = True
    for estimator, front, weight in zip(estimators, fronts, share.tolist(), strict=True):
        columns = np.searchsorted(np.arange(k), estimator.classes_)
        if type(last_of(estimator)).__name__ not in SHARES:
            sums = False
            found.append(member(estimator, front, weight, columns, k))
            continue
        own = read_inside(estimator, front)
        if isinstance(own, TreeEnsemble):
            found.append(Member(_placed(own, columns, k), None, weight))
        elif isinstance(own, Vote) and len(columns) == k:
            sums = False
            found += [replace(inner, weight=inner.weight * weight) for inner in own.members]
        else:
            name = type(last_of(estimator)).__name__
            raise UnreadError(f"nothing is known of the inside of {name}")
    if not sums:
        if not (share >= 0).all():
            raise UnreadError("it has weights below 0")
        return Vote(tuple(found))
    return _together([m.structure for m in found if isinstance(m.structure, TreeEnsemble)], share)


def _placed(trees: TreeEnsemble, columns: IntArray, k: int) -> TreeEnsemble:
    """Return ``trees`` with shares of 0 for those of ``k`` classes that are not in ``columns``."""
    value, base = np.zeros((len(trees.value), k)), np.zeros(k)
    value[:, columns], base[columns] = trees.value, trees.base
    return replace(trees, value=value, base=base)


def _together(parts: Sequence[TreeEnsemble], share: FloatArray) -> TreeEnsemble:
    """Return the sum of the scores of ``parts`` (p,) over the same classes, times ``share`` (p,).

    ``rounding`` is for a library that adds such products in float64.
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
