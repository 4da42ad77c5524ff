"""Adam on stacked parameters, with a learning rate and a step count per model."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core import BoolArray, FloatArray

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8
#: The number of steps whose factors are computed at once.
_AHEAD = 256


class StackedAdam:
    """Adam with an L2 term, like ``torch.optim.Adam`` with its default β and ε.

    ``parameters``: tensors (S, ., .) or (G, S, ., .), changed in place;
    ``learning_rates``: of the S or G·S models. Source: Kingma & Ba 2015 (1412.6980).
    """

    def __init__(
        self, parameters: Sequence[Tensor], learning_rates: Sequence[float], weight_decay: float
    ) -> None:
        self._parameters = list(parameters)
        self._learning_rates = np.asarray(learning_rates, dtype=np.float64)
        self._weight_decay = weight_decay
        self._steps = np.zeros(len(self._learning_rates))
        self._first = [torch.zeros_like(p) for p in parameters]
        self._second = [torch.zeros_like(p) for p in parameters]
        self._scratch = [torch.empty_like(p) for p in parameters]
        #: The step sizes and ε of the next steps, last first; None once a model skipped a step.
        self._ahead: list[tuple[Tensor, Tensor]] | None = []

    def step(self, gradients: Sequence[Tensor], active: BoolArray) -> None:
        """Update every ``active`` model (S or G·S,); the others skip the step entirely.

        ``gradients`` are overwritten.
        """
        self._steps += active
        everyone = bool(active.all())
        if everyone and self._ahead is not None:
            move, epsilon = self._planned()
        else:
            self._ahead = None
            moves, epsilons = self._factors(np.maximum(self._steps, 1.0))
            move, epsilon = self._columns(moves * active), self._columns(epsilons)
        keep = None if everyone else self._columns(active.astype(np.float64))
        for parameter, g, m, v, scratch in zip(
            self._parameters, gradients, self._first, self._second, self._scratch, strict=True
        ):
            g.add_(parameter, alpha=self._weight_decay)
            torch.mul(g, g, out=scratch)
            if keep is None:
                m.lerp_(g, 1.0 - _BETA1)
                v.lerp_(scratch, 1.0 - _BETA2)
            else:
                m.lerp_(g, keep * (1.0 - _BETA1))
                v.lerp_(scratch, keep * (1.0 - _BETA2))
            torch.sqrt(v, out=scratch)
            scratch.add_(epsilon)
            torch.div(m, scratch, out=scratch)
            parameter.addcmul_(scratch, move)

    def _planned(self) -> tuple[Tensor, Tensor]:
        """Return step size and ε of a step of all models, computed many steps in advance."""
        if not self._ahead:
            clocks = self._steps + np.arange(_AHEAD)[:, None]
            columns = map(self._columns, self._factors(clocks))
            self._ahead = list(zip(*columns, strict=True))[::-1]
        return self._ahead.pop()

    def _factors(self, clock: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the factor of m / (√v + ε), and that ε, at each model's step count ``clock``."""
        # p -= lr/(1-β1ᵗ) · m / (√(v/(1-β2ᵗ)) + ε), with √(1-β2ᵗ) taken out of the fraction
        root = np.sqrt(1.0 - _BETA2**clock)
        return -self._learning_rates * root / (1.0 - _BETA1**clock), _EPSILON * root

    def _columns(self, values: FloatArray) -> Tensor:
        """Return ``values`` (..., S or G·S) in a shape that broadcasts over the parameters."""
        like = self._parameters[0]
        return torch.from_numpy(values).to(like).reshape(*values.shape[:-1], *like.shape[:-2], 1, 1)
