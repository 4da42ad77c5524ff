"""SGD with momentum on stacked parameters, with a learning rate per model."""

from collections.abc import Sequence

import torch
from torch import Tensor

from genlabel_robust.core import BoolArray


class StackedSGD:
    """SGD with an L2 term and momentum, like ``torch.optim.SGD`` without dampening.

    ``parameters``: tensors (S, ., .) or (G, S, ., .), changed in place;
    ``learning_rates``: of the S or G·S models; ``momentum`` in [0, 1).
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rates: Sequence[float],
        weight_decay: float,
        momentum: float,
    ) -> None:
        self._parameters = list(parameters)
        self._rates = self._column(torch.tensor(learning_rates, dtype=torch.float64))
        self._weight_decay = weight_decay
        self._momentum = momentum
        self._velocities = [torch.zeros_like(p) for p in parameters]

    def step(self, gradients: Sequence[Tensor], active: BoolArray) -> None:
        """Update every ``active`` model (S or G·S,); the others skip the step entirely.

        ``gradients`` are overwritten.
        """
        moves = self._column(torch.from_numpy(active))
        keep = 1.0 - moves * (1.0 - self._momentum)
        rates = moves * self._rates
        for parameter, g, v in zip(self._parameters, gradients, self._velocities, strict=True):
            g.add_(parameter, alpha=self._weight_decay)
            v.mul_(keep).addcmul_(g, moves)
            parameter.addcmul_(v, rates, value=-1.0)

    def _column(self, values: Tensor) -> Tensor:
        like = self._parameters[0]
        return values.to(like).reshape(*like.shape[:-2], 1, 1)


def clip_norms(gradients: Sequence[Tensor], largest: float) -> None:
    """Scale each model's gradient down to an L2 norm of at most ``largest``, in place.

    ``gradients``: tensors (S, ., .) or (G, S, ., .). The norm is over all parameters of a
    model, as in ``torch.nn.utils.clip_grad_norm_``. Source: Pascanu et al. 2013 (1211.5063).
    """
    norm = torch.linalg.vector_norm
    norms = norm(torch.stack([norm(g, dim=(-2, -1)) for g in gradients]), dim=0)
    share = (largest / (norms + 1e-6)).clamp_(max=1.0)[..., None, None]
    for g in gradients:
        g.mul_(share)
