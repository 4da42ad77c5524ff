"""Rows asked for alone, many at once: in blocks of the very size that a single row is padded to.

A number of a product is a sum over one row of the block, in an order that the library chooses by
the shapes alone. So a row gets in such a block what it gets alone, unless the order also depends
on where it lies there; whether it does is tried once for each shape.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.padding import PAD
from genlabel_robust.models.nets.plain_layers import forward


def logits_alone(layers: list[nn.Linear], x: torch.Tensor) -> torch.Tensor | None:
    """Return the logits (n, k) that each row of ``x`` (n, d) has when it is asked for alone.

    ``n``: a multiple of ``PAD``. None where blocks of rows do not tell.
    """
    plain = all(layer.weight.is_contiguous() and layer.weight.dtype == x.dtype for layer in layers)
    shapes = tuple((layer.in_features, layer.out_features) for layer in layers)
    if not plain or not places_agree(shapes):
        return None
    return torch.cat([forward(layers, block)[-1] for block in torch.split(x, PAD)])


@cache
def places_agree(shapes: tuple[tuple[int, int], ...]) -> bool:
    """Say whether a row gets the same bits at each place of a block as it gets alone.

    Of layers of ``shapes``, inputs and outputs of each; by random weights and rows.
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
    # alone a row lies first, and rows of zeros after it
    padded = torch.zeros(PAD, *rows.shape)
    padded[:, 0] = rows
    alone = torch.stack([forward(layers, block)[-1][0] for block in padded])
    for turn in range(PAD):
        together = forward(layers, rows.roll(turn, dims=0))[-1]
        if not torch.equal(together.roll(-turn, dims=0), alone):
            return False
    return True
