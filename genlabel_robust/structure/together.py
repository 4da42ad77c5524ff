"""Several ensembles of trees as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.structure.rounding import FLOAT64
from genlabel_robust.structure.trees import TreeEnsemble


def together(parts: Sequence[TreeEnsemble], share: FloatArray) -> TreeEnsemble:
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
