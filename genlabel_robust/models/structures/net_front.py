"""What a pipeline makes of raw features before a net, as the first of its steps."""

from __future__ import annotations

import numpy as np

from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.folding.affine import folded_affine
from genlabel_robust.structure.layer_chain import LayerChain
from genlabel_robust.structure.rounding import FLOAT64
from genlabel_robust.structure.structure import UnreadError


def through(steps: LayerChain, front: Front) -> None:
    """Add the columns of ``front`` to ``steps``, which so far take raw features.

    Raises ``UnreadError`` where one is no affine function of raw features: where numbers can be
    missing, or categories stand in one column as codes.
    """
    if front.plain and all(column.same for column in front.columns):
        return
    count = len(front.columns)
    found = folded_affine(np.eye(count), np.zeros(count), front, FLOAT64)
    if found.flags is not None:
        raise UnreadError("the net is given numbers that can be missing")
    if found.codes:
        name = front.parts[int(np.searchsorted(front.starts, found.codes[0][0]))].name
        raise UnreadError(f"the net is given {name!r}, whose categories no attack changes")
    size = np.abs(found.weight) if found.gross is None else found.gross
    constant = np.abs(found.bias) if found.gross_bias is None else found.gross_bias
    steps.folded(found.weight, found.bias, size, constant)
