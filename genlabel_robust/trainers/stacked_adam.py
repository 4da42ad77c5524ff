"""Adam on stacked parameters, with a learning rate and a clock per model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core.arrays import BoolArray

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class StackedAdam:
    """Adam with an L2 term, as ``torch.optim.Adam`` at its default β and ε.

    ``parameters``: tensors (S, ., .), changed in place; ``learning_rates``: S.
    Source: Kingma & Ba 2015 (1412.6980).
    """

    def __init__(
        self, parameters: Sequence[Tensor], learning_rates: Sequence[float], weight_decay: float
    ) -> None:
        self._parameters = list(parameters)
        self._learning_rates = np.asarray(learning_rates, dtype=np.float64)
        self._weight_decay = weight_decay
        self._steps = np.zeros(len(learning_rates))
        self._first = [torch.zeros_like(p) for p in parameters]
        self._second = [torch.zeros_like(p) for p in parameters]
        self._scratch = [torch.empty_like(p) for p in parameters]

    def step(self, gradients: Sequence[Tensor], active: BoolArray) -> None:
        """Move every model that is ``active`` (S,); the others stay as if not asked.

        ``gradients`` are overwritten.
        """
        self._steps += active
        clock = np.maximum(self._steps, 1.0)
        # p -= lr/(1-β1ᵗ) · m / (√(v/(1-β2ᵗ)) + ε), with √(1-β2ᵗ) taken out of the fraction
        root = np.sqrt(1.0 - _BETA2**clock)
        size = active * self._learning_rates * root / (1.0 - _BETA1**clock)
        move = self._column(-size)
        epsilon = self._column(_EPSILON * root)
        everyone = bool(active.all())
        keep = None if everyone else self._column(active.astype(np.float64))
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

    def _column(self, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Tensor:
        like = self._parameters[0]
        return torch.from_numpy(values).to(like).reshape(-1, 1, 1)
