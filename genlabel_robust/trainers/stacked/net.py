"""Many fully connected nets of one architecture, computed at once."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core.padding import padded
from genlabel_robust.models.nets.chain import Layer


class StackedNet:
    """S nets whose layers are stacked: weights (S, in, out), biases (S, 1, out).

    Parameters and gradients are lists of 2 tensors per layer, weight then bias. The
    gradient is written out by hand: for a chain of products and ReLUs it is a few
    batched products, in half the time that autograd takes. Without ReLUs a net is affine. The
    gradients from a batch then depend on a summary of d + 1 rows, whatever the batch's length.

    Scores are computed as (S, k, b), and the last weight lies in memory as (S, k, in): with the
    few classes last, these products would take five times as long, and a softmax fifteen times.

    ``flat``, ``flat_gradients`` (S, 1, P): the memory of all parameters of a net, and of all its
    gradients, so that an optimizer updates them all at once.
    """

    def __init__(self, nets: Sequence[Sequence[Layer]], relu: bool, device: str) -> None:
        self.relu = relu
        shapes = [array.shape for layer in nets[0] for array in (layer[0], layer[1][None])]
        self.flat, self.parameters = _flat(len(nets), shapes, device)
        self.flat_gradients, self.gradients = _flat(len(nets), shapes, device)
        for index, layer in enumerate(zip(*nets, strict=True)):
            weight = np.stack([weight for weight, _ in layer])
            bias = np.stack([bias for _, bias in layer])[:, None, :]
            self.parameters[2 * index].copy_(torch.from_numpy(weight))
            self.parameters[2 * index + 1].copy_(torch.from_numpy(bias))

    def differentiate(self, x: Tensor, target: Tensor, weight: Tensor | None) -> None:
        """Fill ``gradients`` with those of each net's weighted mean cross-entropy.

        ``x``: (b, d), the same for all, or (S, b, d); ``target``: (S, b, k), rows sum to
        1; ``weight``: (S, b), None for ones. A net whose weights sum to 0 gets gradient 0.
        """
        if not self.relu and len(self.parameters) > 2 and x.shape[-1] + 1 < x.shape[-2]:
            self._differentiate_affine(x, target, weight)
            return
        activations = [x.expand(len(target), -1, -1)]
        *hidden, last, shift = self.parameters
        for w, b in zip(hidden[::2], hidden[1::2], strict=True):
            z = torch.baddbmm(b, activations[-1], w)
            activations.append(z.clamp_(min=0.0) if self.relu else z)
        slope = _slope(torch.baddbmm(shift.mT, last.mT, activations[-1].mT), target, weight)
        torch.bmm(slope, activations[-1], out=self.gradients[-2].mT)
        torch.sum(slope, dim=2, keepdim=True, out=self.gradients[-1].mT)
        delta = slope.mT
        for index in range(len(hidden) - 2, -1, -2):
            delta = torch.bmm(delta, self.parameters[index + 2].mT)
            above = activations.pop()
            if self.relu:
                delta = torch.ops.aten.threshold_backward(delta, above, 0.0)
            torch.bmm(activations[-1].mT, delta, out=self.gradients[index])
            torch.sum(delta, dim=1, keepdim=True, out=self.gradients[index + 1])

    def _differentiate_affine(self, x: Tensor, target: Tensor, weight: Tensor | None) -> None:
        """Fill ``gradients`` of nets without ReLUs.

        An activation is (x, 1) H with H (d+1, width) the same for every x: H starts as the
        identity, each layer multiplies it by its weight and adds its bias to the last row.
        The gradient of a weight, Σ (x, 1)ᵀ ... δ, is then Hᵀ D with D = Σ (x, 1)ᵀ δ.
        """
        n_nets, d = len(target), x.shape[-1]
        rows = torch.cat([x, x.new_ones(*x.shape[:-1], 1)], dim=-1).expand(n_nets, -1, -1)
        maps = [torch.eye(d + 1, dtype=x.dtype, device=x.device)[:, :d].expand(n_nets, -1, -1)]
        for w, b in zip(self.parameters[::2], self.parameters[1::2], strict=True):
            product = torch.bmm(maps[-1], w)
            product[:, -1:] += b
            maps.append(product)
        slope = _slope(torch.bmm(maps.pop().mT, rows.mT), target, weight)
        gradient = torch.bmm(slope, rows).mT
        for index in range(len(maps) - 1, -1, -1):
            torch.bmm(maps[index].mT, gradient, out=self.gradients[2 * index])
            self.gradients[2 * index + 1].copy_(gradient[:, -1:])
            if index:
                gradient = torch.bmm(gradient, self.parameters[2 * index].mT)

    def layers(self, index: int) -> tuple[Layer, ...]:
        """Return copies of the layers of one net."""
        arrays = [p[index].cpu().numpy().copy() for p in self.parameters]
        return tuple((w, b[0]) for w, b in zip(arrays[::2], arrays[1::2], strict=True))


def _flat(
    n_nets: int, shapes: Sequence[tuple[int, ...]], device: str
) -> tuple[Tensor, list[Tensor]]:
    """Return zeros (S, 1, P), and the view (S, a, b) of them for each of ``shapes`` (a, b).

    Each view begins at a multiple of 64 bytes, like a tensor of its own. The last weight, which
    has the last shape but one, is (S, b, a) in memory.
    """
    sizes = [a * b for a, b in shapes]
    starts = list(accumulate(map(padded, sizes), initial=0))
    flat = torch.zeros(n_nets, 1, starts[-1], device=device)
    parts = [flat[:, 0, at : at + size] for at, size in zip(starts, sizes, strict=False)]
    found = [part.view(n_nets, *shape) for part, shape in zip(parts, shapes, strict=True)]
    found[-2] = parts[-2].view(n_nets, *shapes[-2][::-1]).mT
    return flat, found


def _slope(logits: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
    """Return the derivative (S, k, b) of the mean cross-entropies with respect to ``logits``.

    ``logits`` (S, k, b), ``target`` (S, b, k), ``weight`` (S, b) or None for ones.
    """
    # for a single row it is softmax - target
    slope = torch.softmax(logits, dim=1).sub_(target.mT)
    if weight is None:
        return slope.mul_(1.0 / slope.shape[2])
    total = weight.sum(dim=1, keepdim=True)
    share = weight / total.masked_fill(total == 0.0, 1.0)
    return slope.mul_(share.unsqueeze(1))
