"""What a pipeline makes of raw features before a net, as the first of its steps."""

import numpy as np

from genlabel_robust.structure import FLOAT64, Front
from genlabel_robust.structure.folding.affine import folded_affine
from genlabel_robust.structure.layer_chain import LayerChain


def through(steps: LayerChain, front: Front) -> None:
    """Add the columns of ``front`` to ``steps``, which so far take raw features.

    Raises ``UnreadError`` where one is no affine function of raw features.
    """
    if front.plain and all(column.same for column in front.columns):
        return
    count = len(front.columns)
    steps.folded(folded_affine(np.eye(count), np.zeros(count), front, FLOAT64))
