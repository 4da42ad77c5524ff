"""What a library makes of the scores that its trees and weights give."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import Affine, Structure, TreeEnsemble, Vote

#: Scores (n, k) -> what the model gives (n, k).
Link: TypeAlias = Callable[[FloatArray], FloatArray]
#: How far probabilities in float32 may be off those of exact margins.
OF_PROBABILITIES = 4e-6


def allowed(found: Structure, own: FloatArray, rows: FloatArray) -> FloatArray:
    """Return how far the library's scores may be off ``own`` (n, k), for each row (n,)."""
    if isinstance(found, TreeEnsemble):
        return np.full(len(own), found.rounding)
    if isinstance(found, Affine):
        return np.asarray(found.error(rows, rows).max(axis=1))
    if isinstance(found, Vote):
        off = np.full(len(own), found.blur)
        for member in found.members:
            # no probability changes by more than the difference of two scores does
            scores = member.structure.scores(rows)
            steep = 1.0 if member.slope is None else 2 * member.slope
            off += member.weight * steep * allowed(member.structure, scores, rows)
        return off
    return np.asarray(2**10 * found.rounding * (1 + np.abs(own).max(axis=1)))


def link_of(told: FloatArray, own: FloatArray, off: FloatArray) -> Link | None:
    """Return what makes of the scores ``own`` (n, k) those that a model gives, ``told`` (n, k).

    ``off`` (n,): by how much they may differ. None where it is nothing that is known.
    """
    if (np.abs(told - own) <= off[:, None]).all():
        return identity
    for link in (_softmax, _logistic, _log_softmax):
        if (np.abs(told - link(own)) <= off[:, None] + OF_PROBABILITIES).all():
            return link
    return None


def identity(scores: FloatArray) -> FloatArray:
    """Return ``scores`` (n, k)."""
    return scores


def _softmax(scores: FloatArray) -> FloatArray:
    return np.asarray(np.exp(_log_softmax(scores)))


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _logistic(scores: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -700, 700))))
