"""A batch with soft labels."""

from dataclasses import dataclass

import torch
from torch import Tensor

from genlabel_robust.core import ConfigurationError


@dataclass(frozen=True, eq=False)
class SoftBatch:
    """The data on which a model trains in one step.

    ``x`` (b, d): the rows to train on, such as mixed ones; ``target`` (b, k): for each row the
    probability of each class, of sum 1; ``weight`` (b,): how much each row counts, at least 0: 1 is
    the usual weight, 0 drops a row. All have the same floating-point dtype and are on the same
    device. The loss is the weighted mean of the rows' cross-entropies. Raises
    ``ConfigurationError`` if the shapes do not fit together.
    """

    x: Tensor
    target: Tensor
    weight: Tensor

    def __post_init__(self) -> None:
        if not (len(self.x) == len(self.target) == len(self.weight)) or self.target.ndim != 2:
            raise ConfigurationError(
                f"a soft batch with x {tuple(self.x.shape)}, target {tuple(self.target.shape)} and "
                f"weight {tuple(self.weight.shape)}; the shapes must be (b, d), (b, k) and (b,)"
            )

    def loss(self, logits: Tensor) -> Tensor:
        """Return the loss, in nats, of ``logits`` (b, k); a constant 0 if all weights are 0."""
        total = self.weight.sum()
        if not total:
            return torch.zeros_like(total)
        entropies = -(self.target * logits.log_softmax(dim=1)).sum(dim=1)
        return (self.weight * entropies).sum() / total
