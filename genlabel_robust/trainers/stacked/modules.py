"""Many torch modules of one architecture, computed at once by ``torch.func``."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from genlabel_robust.core import generator
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.strategies.soft_batch import SoftBatch

#: The largest difference in a trial between nets that are trained together and alone.
_APART = 1e-4
#: The steps and rows of the trial, and its optimizer's learning rate and weight decay.
_STEPS, _ROWS, _RATE, _DECAY = 3, 8, 0.1, 0.1


class StackedModules:
    """S nets in training, with stacked parameters.

    ``flat``: the memory of each parameter as (S, P, 1), for an optimizer; ``gradients``: in the
    same shapes, after ``differentiate``.
    """

    def __init__(self, nets: Sequence[nn.Module]) -> None:
        self._nets = list(nets)
        self._base = deepcopy(nets[0]).to("meta")
        states = [{**dict(net.named_parameters()), **dict(net.named_buffers())} for net in nets]
        moved = {name for name, value in nets[0].named_parameters() if value.requires_grad}
        stacked = {
            name: torch.stack([state[name].detach() for state in states]) for name in states[0]
        }
        self._parameters = {name: value for name, value in stacked.items() if name in moved}
        self._rest = {name: value for name, value in stacked.items() if name not in moved}
        self.flat = [value.view(len(nets), -1, 1) for value in self._parameters.values()]
        self.gradients: list[Tensor] = []
        self._slopes = vmap(grad(self._loss), in_dims=(0, 0, None, 0, 0))

    def differentiate(self, x: Tensor, target: Tensor, weight: Tensor) -> None:
        """Compute the gradients of each net's weighted mean cross-entropy, in nats.

        ``x``: (b, d), the same for all; ``target``: (S, b, k), rows sum to 1; ``weight``: (S, b).
        A net whose weights sum to 0 gets gradient 0.
        """
        slopes = self._slopes(self._parameters, self._rest, x, target, weight)
        self.gradients = [
            slopes[name].reshape(flat.shape).contiguous()
            for name, flat in zip(self._parameters, self.flat, strict=True)
        ]

    def trained(self) -> list[nn.Module]:
        """Return the nets with their current parameters, in eval mode."""
        with torch.no_grad():
            for index, net in enumerate(self._nets):
                own = {**dict(net.named_parameters()), **dict(net.named_buffers())}
                for name, value in {**self._parameters, **self._rest}.items():
                    own[name].copy_(value[index])
        return [net.eval() for net in self._nets]

    def _loss(
        self,
        parameters: dict[str, Tensor],
        rest: dict[str, Tensor],
        x: Tensor,
        target: Tensor,
        weight: Tensor,
    ) -> Tensor:
        logits: Tensor = functional_call(self._base, {**parameters, **rest}, (x,))
        entropies = -(target * logits.log_softmax(dim=1)).sum(dim=1)
        total = weight.sum()
        loss: Tensor = (weight * entropies).sum() / torch.where(total > 0, total, 1.0)
        return loss


def why_not_stacked(architecture: Architecture, n_features: int, n_classes: int) -> str | None:
    """Return why nets of ``architecture`` cannot be trained as a stack; None if they can.

    Trains two nets for a few steps, together and alone. Nets cannot be stacked if they draw random
    numbers in training, or if training changes more than their parameters.
    """
    rng = generator(0, "trial of a stack")
    starts = [architecture.draw(n_features, n_classes, rng).train() for _ in range(2)]
    drawn = rng.standard_normal((_STEPS, _ROWS, n_features)).astype(np.float32)
    labels = torch.from_numpy(rng.integers(n_classes, size=(_STEPS, _ROWS)))
    targets = nn.functional.one_hot(labels, n_classes).float()
    rows, weight = torch.from_numpy(drawn), torch.ones(2, _ROWS)
    try:
        with torch.random.fork_rng(devices=()):
            stack = StackedModules([deepcopy(net) for net in starts])
            for x, target in zip(rows, targets, strict=True):
                stack.differentiate(x, target.expand(2, -1, -1), weight)
                for flat, slope in zip(stack.flat, stack.gradients, strict=True):
                    flat.sub_(_RATE * (slope + _DECAY * flat))
            together = stack.trained()
            alone = [_trained(net, rows, targets) for net in starts]
    except Exception as error:  # a user's module, or torch, may raise anything here
        return _first_sentence(error)
    if all(map(_alike, together, alone)):
        return None
    return "trained together they become other nets than alone"


def _first_sentence(error: Exception) -> str:
    text = " ".join(str(error).split()).split(". ")[0].rstrip(".")
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def _trained(net: nn.Module, rows: Tensor, targets: Tensor) -> nn.Module:
    optimiser = torch.optim.SGD(net.parameters(), _RATE, weight_decay=_DECAY)
    for x, target in zip(rows, targets, strict=True):
        optimiser.zero_grad()
        loss = SoftBatch(x, target, torch.ones(len(x))).loss(net(x))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return net


def _alike(one: nn.Module, other: nn.Module) -> bool:
    """Say whether two nets have equal states up to rounding; NaN equals nothing."""
    others = other.state_dict()
    return all(
        torch.allclose(value.double(), others[name].double(), rtol=_APART, atol=_APART)
        for name, value in one.state_dict().items()
    )
