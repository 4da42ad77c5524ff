"""The affine part of a pipeline before a net, as the net's first step."""

import numpy as np

from genlabel_robust.structure import FLOAT64, Front
from genlabel_robust.structure.folding.affine import folded_affine
from genlabel_robust.structure.layer_chain import LayerChain


def through(steps: LayerChain, front: Front) -> None:
    """Add the columns of ``front`` to ``steps``, which take raw features so far.

    Raises ``UnreadError`` if a column is not an affine function of raw features.
    """
    if front.plain and all(column.same for column in front.columns):
        return
    count = len(front.columns)
    steps.folded(folded_affine(np.eye(count), np.zeros(count), front, FLOAT64))
