"""What a pipeline makes of raw features before a net, as the first of its steps."""

from __future__ import annotations

import numpy as np

from genlabel_robust.data.encoded_columns import Number
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.layer_chain import LayerChain
from genlabel_robust.structure.structure import UnreadError


def through(steps: LayerChain, front: Front) -> None:
    """Add the columns of ``front`` to ``steps``, which so far take raw features.

    Raises ``UnreadError`` where one is no affine function of a number that is never missing.
    """
    if all(column.same for column in front.columns) and front.plain:
        return
    weight = np.zeros((len(front.columns), int(front.starts[-1])))
    bias = np.zeros(len(front.columns))
    for number, column in enumerate(front.columns):
        part = front.parts[column.part]
        if not isinstance(part, Number) or part.fill is not None:
            kind = "has missing values" if isinstance(part, Number) else "holds categories"
            raise UnreadError(f"the net is given {part.name!r}, which {kind}")
        if column.slope is None or column.intercept is None:
            raise UnreadError(f"what the pipeline makes of {part.name!r} is not affine")
        weight[number, front.starts[column.part]] = column.slope
        bias[number] = column.intercept
    steps.folded(weight, bias)
