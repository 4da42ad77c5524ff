"""Queries of a torch module in blocks, so that a row's result has the same bits in any batch."""

import warnings
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import Float32Array, FloatArray
from genlabel_robust.core.machine.float32 import in_float32
from genlabel_robust.core.padding import PAD, padded, rows_at_once


def padded_rows(
    rows: FloatArray | Float32Array, device: torch.device, dtype: torch.dtype
) -> torch.Tensor:
    """Return ``rows`` (n, d) on ``device``, padded with rows of zeros for ``in_blocks``.

    A row's logits then have the same bits in any batch. An exception is a direct map from features
    to two logits on the CPU, whose last bits may differ.
    """
    if device.type == "cuda":
        _begin(device)
    n = padded(len(rows), rows_at_once(device.type) or PAD)
    x = np.zeros((n, rows.shape[1]), dtype=rows.dtype)
    x[: len(rows)] = rows
    return torch.from_numpy(x).to(dtype).to(device)


@cache
def _begin(device: torch.device) -> None:
    """Compute one gradient on ``device``, because torch warns at the first one with a product."""
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        one = torch.ones(1, 1, device=device, requires_grad=True)
        (one @ one).sum().backward()  # type: ignore[no-untyped-call]


def in_blocks(module: nn.Module, x: torch.Tensor) -> Any:
    """Return ``module(x)`` for ``x`` (n, d), computed in blocks of the device's size."""
    size = rows_at_once(x.device.type)
    with in_float32(x.device):
        if size is None or len(x) <= size:
            return module(x)
        return torch.cat([module(part) for part in torch.split(x, size)])


def slope(logits: torch.Tensor, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the gradient with respect to ``x`` (n, d) of the sum of ``weight`` times ``logits``.

    Zeros if ``logits`` do not depend on ``x``.
    """
    with in_float32(x.device):
        (found,) = torch.autograd.grad(logits, x, weight, allow_unused=True, materialize_grads=True)
    return found
