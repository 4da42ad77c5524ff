"""The losses that attacks raise, each as weights of the scores.

Attacks normalise their gradients, so positive factors per row are left out. Those factors could
vanish; without them, rescaling the scores flattens none of these losses.
"""

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import Loss


def margin(scores: FloatArray, y: IntArray) -> FloatArray:
    """Return the weights of the margin: the best other score minus the true one, (q, k)."""
    rows = np.arange(len(y))
    rivals = scores.copy()
    rivals[rows, y] = -np.inf
    weights = np.zeros(scores.shape)
    weights[rows, rivals.argmax(axis=1)] = 1.0
    weights[rows, y] = -1.0
    return weights


def cross_entropy(scores: FloatArray, y: IntArray) -> FloatArray:
    """Return the weights of the cross-entropy of logits: (q, k), (q,) -> (q, k).

    Its gradient is (1 - p_y) times the difference between the rivals' mean score, weighted by their
    softmax among themselves, and the true score. The factor vanishes once the true class leads
    by far, so it is left out.
    """
    rows = np.arange(len(y))
    rivals = scores.copy()
    rivals[rows, y] = -np.inf
    weights: FloatArray = np.exp(rivals - rivals.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    weights[rows, y] = -1.0
    return weights


def value(scores: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the losses (q,) with the given weights (q, k), as functions of the scores (q, k).

    Their gradients are the weights. The log-sum-exp of the rivals' scores is their mean
    under the softmax w plus its entropy, -Σ w log w; for a single rival that is 0.
    """
    share = np.maximum(weights, 0.0)
    entropy = -np.sum(share * np.log(np.where(share > 0, share, 1.0)), axis=1)
    return np.asarray((weights * scores).sum(axis=1) + entropy)


def toward(classes: IntArray) -> Loss:
    """Return the loss that raises the score of ``classes`` (q,) over the true one.

    A row whose class is its own label has zero weights.
    """

    def targeted(scores: FloatArray, y: IntArray) -> FloatArray:
        rows = np.arange(len(y))
        weights = np.zeros(scores.shape)
        weights[rows, classes] = 1.0
        weights[rows, y] -= 1.0
        return weights

    return targeted
