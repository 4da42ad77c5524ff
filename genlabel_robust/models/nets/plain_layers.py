"""Fast evaluation of chains of linear layers and ReLUs, without calls of each module.

It uses the same operations as the modules and autograd, so the results have the same bits. On few
rows, calls of modules cost as much as the products, and autograd far more.
"""

from __future__ import annotations

import torch
from torch import nn

from genlabel_robust.models.nets.chain import is_plain_linear

#: How many rows' activations are computed at once on the CPU: a multiple of ``PAD``.
_AT_ONCE = 1024


def plain_layers(module: nn.Module) -> list[nn.Linear] | None:
    """Return the linear layers of ``module`` if they alternate with ReLUs, otherwise None.

    Also None if hooks are registered, or if a part has its own ``forward``.
    """
    if type(module) is not nn.Sequential or _watched(module):
        return None
    found: list[nn.Linear] = []
    parts = list(module)
    for place, part in enumerate(parts):
        if _watched(part):
            return None
        if place % 2:
            if type(part) is not nn.ReLU:
                return None
        elif is_plain_linear(part):
            found.append(part)
        else:
            return None
    return found if len(parts) % 2 else None


def forward(layers: list[nn.Linear], x: torch.Tensor) -> list[torch.Tensor]:
    """Return the input of each layer, (n, w) each, and the logits (n, k) of ``x`` (n, d)."""
    steps = [x]
    with torch.no_grad():
        for layer in layers:
            if len(steps) > 1:
                steps[-1].relu_()
            steps.append(nn.functional.linear(steps[-1], layer.weight, layer.bias))
    return steps


def logits(layers: list[nn.Linear], x: torch.Tensor) -> torch.Tensor:
    """Return the logits (n, k) of ``x`` (n, d), in blocks of rows that fit into the cache.

    A single layer is not split: it has no activations, and its last bits may depend on the number
    of rows.
    """
    if x.device.type != "cpu" or len(x) <= _AT_ONCE or len(layers) == 1:
        return forward(layers, x)[-1]
    return torch.cat([forward(layers, part)[-1] for part in torch.split(x, _AT_ONCE)])


def gradient(
    layers: list[nn.Linear], steps: list[torch.Tensor], weight: torch.Tensor
) -> torch.Tensor:
    """Return the gradient (n, d) of the logits' sum with weights ``weight`` (n, k).

    ``steps``: as from ``forward``.
    """
    with torch.no_grad():
        slope = weight
        for number in range(len(layers) - 1, -1, -1):
            slope = slope.mm(layers[number].weight)
            if number:
                slope = torch.ops.aten.threshold_backward(slope, steps[number], 0)
    return slope


def _watched(module: nn.Module) -> bool:
    """Return whether calling ``module`` does more than its class's ``forward``."""
    own = vars(module)
    return bool(own["_backward_hooks"] or own["_backward_pre_hooks"]) or changes_values(module)


def changes_values(module: nn.Module) -> bool:
    """Return whether hooks or an own ``forward`` may change the output of ``module``.

    Attributes are read directly: look-up by a module takes longer than a product.
    """
    own = vars(module)
    return bool(
        own["_forward_hooks"]
        or own["_forward_pre_hooks"]
        or "forward" in own
        or "parametrizations" in own["_modules"]
    )
