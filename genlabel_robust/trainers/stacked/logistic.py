"""Many logistic regressions, computed at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.models.nets.chain import Layer


class StackedLogistic:
    """G groups of S logistic regressions; the models of a group see the same points.

    So the logits of a group are one matrix product. ``flat`` and
    ``flat_gradients`` (G, S, d+1, k) have the bias below the weight. In memory the models come
    last, so that products and softmax run over long rows, whatever the number of classes.
    """

    def __init__(self, groups: Sequence[Sequence[Sequence[Layer]]], device: str) -> None:
        layers = [
            np.stack([np.vstack([weight, bias[None]]) for ((weight, bias),) in nets], axis=2)
            for nets in groups
        ]
        self._parameters = torch.tensor(np.stack(layers)).to(device)
        self._gradients = torch.empty_like(self._parameters)
        self.flat = self._parameters.permute(0, 3, 1, 2)
        self.flat_gradients = self._gradients.permute(0, 3, 1, 2)
        self.gradients = [self.flat_gradients]

    @staticmethod
    def with_ones(x: Tensor) -> Tensor:
        """Return points (G, b, d) as (G, b, d+1), with a 1 for the bias."""
        return torch.cat([x, x.new_ones(*x.shape[:2], 1)], dim=2)

    def differentiate(self, x: Tensor, target: Tensor, weight: Tensor | None) -> None:
        """Fill ``gradients`` with those of each model's weighted mean cross-entropy.

        ``x``: (G, b, d+1), see ``with_ones``; ``target``: (G, b, k, S), sums over k are
        1; ``weight``: (G, b, S), None for ones. A model whose weights sum to 0 gets
        gradient 0.
        """
        flat, slope = self._parameters.flatten(2), self._gradients.flatten(2)
        logits = torch.bmm(x, flat)
        # the derivative of the cross-entropy with respect to the logits is softmax - target
        delta = torch.softmax(logits.view(target.shape), dim=2).sub_(target)
        if weight is not None:
            delta.mul_(weight.unsqueeze(2))
        torch.bmm(x.transpose(1, 2), delta.flatten(2), out=slope)
        if weight is None:
            slope.mul_(1.0 / x.shape[1])
        else:
            total = weight.sum(dim=1)
            self._gradients.div_(total.masked_fill(total == 0.0, 1.0)[:, None, None])

    def layers(self, group: int, index: int) -> tuple[Layer, ...]:
        """Return copies of the layers of one model of a group."""
        array = self._parameters[group, :, :, index].cpu().numpy().copy()
        return ((array[:-1], array[-1]),)
