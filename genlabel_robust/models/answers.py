"""What a model in memory answers: one score per class, or a label that is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.arrays import Label
from genlabel_robust.data.wording import plural


def check_scores(scores: Any, n: int, k: int) -> None:
    """Raise unless ``scores`` are (n, k) finite numbers."""
    if scores.shape != (n, k):
        raise ConfigurationError(
            f"the model gives scores of shape {scores.shape} for {plural(n, 'row')} and {k} "
            f"classes; it must give one score per class, ({n}, {k})"
        )
    refuse_not_finite(scores)


def refuse_not_finite(scores: Any) -> None:
    """Raise ``DataError`` where a row of ``scores`` (n, k) is not finite."""
    bad: BoolArray = np.asarray(~np.isfinite(scores.astype(np.float64)).all(axis=1))
    if bad.any():
        raise DataError(
            f"the model's scores are not finite (NaN or infinite) for {int(bad.sum())} of "
            f"{plural(len(bad), 'row')} that it was shown; it decides nothing there"
        )


def coded(found: Any, number: dict[Label, int]) -> IntArray:
    """Return the codes of the labels ``found`` (n,); raises ``ConfigurationError`` for others."""
    codes = [number.get(label, -1) for label in found.tolist()]
    if -1 in codes:
        label = found.tolist()[codes.index(-1)]
        raise ConfigurationError(
            f"the model answers {label!r}, which is none of the labels "
            f"{list(number)[:10]}; if it is a class without a row, name them all: classes=[...]"
        )
    return np.array(codes, dtype=np.int64)


def one_hot(codes: IntArray, k: int) -> FloatArray:
    """Return scores (n, k): 1 for the decided class."""
    return np.asarray(np.eye(k)[codes])
