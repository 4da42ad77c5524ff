"""The mean of the per-class rates, each class counting the same."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import BoolArray, IntArray
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.panel import panel
from genlabel_robust.statistics.rates import rate


def balanced_rate(
    correct: BoolArray, labels: IntArray, n_classes: int, level: float = 0.95
) -> Estimate:
    """Estimate the unweighted mean of the per-class rates of ``correct`` (seeds, n).

    ``labels``: (n,), in 0 … ``n_classes`` - 1. A class without test rows is left out,
    and the method says so. The interval recovers each class's variance from its own
    interval, on either side (MOVER): low = mean - sqrt(Σ (p_c - low_c)²)/k, and likewise
    above. Raises ``ConfigurationError`` on labels that do not fit, and as ``rate`` does.
    Source: Zou & Donner, Statistics in Medicine 27 (2008) 1693.
    """
    n = panel(correct, "correct").shape[1]
    if labels.shape != (n,) or labels.min() < 0 or labels.max() >= n_classes:
        raise ConfigurationError(
            f"labels have the shape {labels.shape}, with values up to {labels.max(initial=0)}; "
            f"they must be ({n},), in 0 … {n_classes - 1}"
        )
    present = np.unique(labels)
    parts = [rate(correct[:, labels == c], level) for c in present]
    k = len(parts)
    value = sum(part.value for part in parts) / k
    below = float(np.sqrt(sum((part.value - part.low) ** 2 for part in parts))) / k
    above = float(np.sqrt(sum((part.high - part.value) ** 2 for part in parts))) / k
    method = f"mover of {parts[0].method}"
    if k < n_classes:
        method += f"; {n_classes - k} of {n_classes} classes without test rows left out"
    return bounded(value, value - below, value + above, least=0.0, level=level, method=method, n=n)
