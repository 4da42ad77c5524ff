"""Many logistic regressions on the same points, computed as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.models.architecture import Layer


class StackedLogistic:
    """S logistic regressions that see the same points: their logits are one matrix product.

    ``parameters`` and ``gradients`` hold one tensor (S, d+1, k), the bias below the
    weight. In memory the models come last: products and softmax then run over long
    rows, whatever the number of classes.
    """

    def __init__(self, nets: Sequence[Sequence[Layer]], device: str) -> None:
        layers = [np.vstack([weight, bias[None]]) for ((weight, bias),) in nets]
        self._parameters = torch.tensor(np.stack(layers, axis=2)).to(device)
        self._gradients = torch.empty_like(self._parameters)
        self.parameters = [self._parameters.permute(2, 0, 1)]
        self.gradients = [self._gradients.permute(2, 0, 1)]

    def differentiate(self, x: Tensor, target: Tensor, weight: Tensor | None) -> None:
        """Fill ``gradients`` with those of each model's weighted mean cross-entropy.

        ``x``: (b, d); ``target``: (S, b, k), rows sum to 1; ``weight``: (S, b), None
        for ones. A model whose weights sum to 0 gets gradient 0.
        """
        _, k, s = self._parameters.shape
        flat = self._parameters.view(-1, k * s)
        logits = torch.addmm(flat[-1], x, flat[:-1])
        # the derivative of cross-entropy by the logits is softmax - target
        delta = torch.softmax(logits.view(-1, k, s), dim=1).sub_(target.permute(1, 2, 0))
        if weight is not None:
            delta.mul_(weight.T.unsqueeze(1))
        delta = delta.view(-1, k * s)
        slope = self._gradients.view(-1, k * s)
        torch.mm(x.T, delta, out=slope[:-1])
        # a product here too: a sum's order of terms, and so its last bits, depend on S
        torch.mm(x.new_ones(1, len(x)), delta, out=slope[-1:])
        if weight is None:
            self._gradients.mul_(1.0 / len(x))
        else:
            total = weight.sum(dim=1)
            self._gradients.div_(total.masked_fill(total == 0.0, 1.0))

    def layers(self, index: int) -> tuple[Layer, ...]:
        """Return the layers of one model, as arrays of their own."""
        array = self._parameters[:, :, index].cpu().numpy().copy()
        return ((array[:-1], array[-1]),)
