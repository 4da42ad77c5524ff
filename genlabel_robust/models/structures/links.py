"""Link functions: how a library turns the scores of trees and weights into its output."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import Affine, Structure, TreeEnsemble, Vote

#: A function of scores (n, k) that returns the model's output (n, k).
Link: TypeAlias = Callable[[FloatArray], FloatArray]
#: The largest error of probabilities in float32, compared with those of exact margins.
OF_PROBABILITIES = 4e-6


def allowed(found: Structure, own: FloatArray, rows: FloatArray) -> FloatArray:
    """Return the largest allowed error of the library's scores against ``own`` (n, k), (n,)."""
    if isinstance(found, TreeEnsemble):
        return np.full(len(own), found.rounding)
    if isinstance(found, Affine):
        return np.asarray(found.error(rows, rows).max(axis=1))
    if isinstance(found, Vote):
        off = np.full(len(own), found.blur)
        for member in found.members:
            # no probability changes by more than a difference of two scores
            scores = member.structure.scores(rows)
            steep = 1.0 if member.slope is None else 2 * member.slope
            off += member.weight * steep * allowed(member.structure, scores, rows)
        return off
    return np.asarray(2**10 * found.rounding * (1 + np.abs(own).max(axis=1)))


def link_of(output: FloatArray, scores: FloatArray, off: FloatArray) -> Link | None:
    """Return the link function that turns ``scores`` (n, k) into the model's ``output`` (n, k).

    ``off`` (n,): the largest allowed difference of scores. None if no known link fits.
    """
    if (np.abs(output - scores) <= off[:, None]).all():
        return identity
    for link in (_softmax, _logistic, _log_softmax):
        if (np.abs(output - link(scores)) <= off[:, None] + OF_PROBABILITIES).all():
            return link
    return None


def identity(scores: FloatArray) -> FloatArray:
    """Return ``scores`` (n, k) unchanged."""
    return scores


def _softmax(scores: FloatArray) -> FloatArray:
    return np.asarray(np.exp(_log_softmax(scores)))


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _logistic(scores: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -700, 700))))
