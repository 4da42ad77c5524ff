"""Features that are not plain numbers: values that can be missing, and codes of categories."""

from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray

#: Features that never change, each with what its codes 0, 1, … add to the scores (levels, k).
Codes: TypeAlias = tuple[tuple[int, FloatArray], ...]


def counted(flags: IntArray | None, raw: FloatArray) -> FloatArray:
    """Return 1 for each value that counts, 0 for a missing one: (n, d) -> (n, d).

    ``flags`` (d,): for each feature the number of another one, or -1: the feature counts only if
    the other is below 0.5.
    """
    counts = np.ones(raw.shape)
    if flags is not None:
        may = np.flatnonzero(flags >= 0)
        counts[:, may] = raw[:, flags[may]] < 0.5
    return counts


def with_codes(scores: FloatArray, codes: Codes, raw: FloatArray) -> FloatArray:
    """Add to ``scores`` (n, k), in place, what the codes in ``raw`` (n, d) contribute.

    Returns ``scores``.
    """
    for feature, added in codes:
        scores += added[np.clip(np.rint(raw[:, feature]), 0, len(added) - 1).astype(np.int64)]
    return scores
