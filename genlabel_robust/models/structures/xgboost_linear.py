"""Boosted linear models of XGBoost: sums in float32 of weights in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.models.structures.sklearn.linear import of_both
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.folding.affine import folded_affine
from genlabel_robust.structure.rounding import FLOAT32
from genlabel_robust.structure.structure import Structure

#: How many roundings a sigmoid or a softmax can take off the difference of two margins.
_LINK = 16.0


def linear_of(booster: Any, base: FloatArray, front: Front) -> Structure:
    """Return the structure of a ``gblinear`` ``booster``, as its JSON has it.

    ``base`` (g,): the margins that sums begin with, one of the second for two classes; the
    library itself takes the first of them for all. What is missing adds nothing.
    """
    stored = np.asarray(booster["model"]["weights"], dtype=np.float32).astype(np.float64)
    table = stored.reshape(-1, len(base))
    weight, bias = of_both(table[:-1].T, table[-1] + base[0])
    return folded_affine(weight, bias, front, FLOAT32, _LINK, skips_missing=True)
