"""The mean of the per-class rates, with equal weights."""

import math

import numpy as np
from scipy.special import stdtrit

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray, IntArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.panel import panel
from genlabel_robust.statistics.rates import rate


def balanced_rate(
    correct: BoolArray, labels: IntArray, n_classes: int, level: float = 0.95
) -> Estimate:
    """Estimate the unweighted mean of the per-class rates of ``correct`` (seeds, n).

    ``labels``: (n,), in 0 … ``n_classes`` - 1. A class without test rows is left out,
    and ``method`` says so. The interval recovers each class's variance from its own
    interval, separately on either side (MOVER): low = mean - sqrt(Σ (p_c - low_c)²)/k, and
    likewise above. Classes have no rows in common, but the same seeds, so the covariance of the
    class rates over seeds is added under the root. Raises ``ConfigurationError`` for
    labels that do not fit, and the errors of ``rate``.
    Source: Zou & Donner, Statistics in Medicine 27 (2008) 1693.
    """
    outcomes = panel(correct, "correct")
    n = outcomes.shape[1]
    if labels.shape != (n,) or labels.min() < 0 or labels.max() >= n_classes:
        raise ConfigurationError(
            f"labels have the shape {labels.shape}, with values up to {labels.max(initial=0)}; "
            f"they must be ({n},), in 0 … {n_classes - 1}"
        )
    present = np.unique(labels)
    parts = [rate(correct[:, labels == c], level) for c in present]
    k = len(parts)
    value = sum(part.value for part in parts) / k
    shared = _shared_by_seeds(outcomes, labels, present, level)
    below = math.sqrt(sum((part.value - part.low) ** 2 for part in parts) + shared) / k
    above = math.sqrt(sum((part.high - part.value) ** 2 for part in parts) + shared) / k
    method = f"mover of {parts[0].method}"
    if k < n_classes:
        method += f"; {n_classes - k} of {n_classes} classes without test rows left out"
    return bounded(value, value - below, value + above, least=0.0, level=level, method=method, n=n)


def _shared_by_seeds(
    outcomes: FloatArray, labels: IntArray, present: IntArray, level: float
) -> float:
    """Return t² times the covariances of the class rates, summed over pairs of classes.

    Without it, 5 seeds that raise or lower all classes together (150 rows, deviation 1
    in logits) give 90.5 % coverage. A negative sum, which 5 seeds easily give
    by chance, is not used to narrow the interval.
    """
    n_seeds = len(outcomes)
    if n_seeds == 1 or len(present) == 1:
        return 0.0
    rates = np.stack([outcomes[:, labels == c].mean(axis=1) for c in present])
    covariance = np.cov(rates) / n_seeds
    between = float(covariance.sum() - np.trace(covariance))
    return float(stdtrit(n_seeds - 1, (1.0 + level) / 2.0)) ** 2 * max(between, 0.0)
