"""Queries of single rows, many at once: in blocks of the size to which a single row is padded.

Each number in a product is a sum over one row of the block, in an order that the library chooses by
the shapes alone. So a row gets the same result in such a block as alone, unless the order also
depends on its position in the block. Whether it does is tested once for each shape.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.padding import PAD
from genlabel_robust.models.nets.plain_layers import forward


def logits_alone(layers: list[nn.Linear], x: torch.Tensor) -> torch.Tensor | None:
    """Return the logits (n, k) that each row of ``x`` (n, d) has if it is queried alone.

    ``n``: a multiple of ``PAD``. None if blocks of rows may give other results.
    """
    plain = all(layer.weight.is_contiguous() and layer.weight.dtype == x.dtype for layer in layers)
    shapes = tuple((layer.in_features, layer.out_features) for layer in layers)
    if not plain or not places_agree(shapes):
        return None
    return torch.cat([forward(layers, block)[-1] for block in torch.split(x, PAD)])


@cache
def places_agree(shapes: tuple[tuple[int, int], ...]) -> bool:
    """Return whether a row gets the same bits at each position in a block as alone.

    Tested with random weights and rows, for layers of ``shapes``, the inputs and outputs of each.
    """
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))

    layers: list[nn.Linear] = []
    for inputs, outputs in shapes:
        layer = nn.Linear(inputs, outputs, device="meta")
        layer.weight = nn.Parameter(drawn(outputs, inputs), requires_grad=False)
        layer.bias = nn.Parameter(drawn(outputs), requires_grad=False)
        layers.append(layer)
    rows = drawn(PAD, shapes[0][0])
    # a row alone is the first one, followed by rows of zeros
    padded = torch.zeros(PAD, *rows.shape)
    padded[:, 0] = rows
    alone = torch.stack([forward(layers, block)[-1][0] for block in padded])
    for turn in range(PAD):
        together = forward(layers, rows.roll(turn, dims=0))[-1]
        if not torch.equal(together.roll(-turn, dims=0), alone):
            return False
    return True
