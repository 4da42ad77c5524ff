"""A density: independent Laplace distributions, one per class and feature."""

from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from genlabel_robust.parts import float64, rows_by_class

_LEAST = 1e-6


class LaplaceDensity:
    """The median of each feature, and the mean distance from it, per class."""

    normalised: ClassVar[bool] = True

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Learn from ``x`` (n, d) and ``y`` (n,); raises what ``rows_by_class`` does."""
        rows = rows_by_class(x, y, n_classes)
        self._median = torch.stack([one.median(dim=0).values for one in rows])
        spread = [(one - one.median(dim=0).values).abs().mean(dim=0) for one in rows]
        self._scale = torch.stack(spread).clamp_min(_LEAST)
        return self

    def log_density(self, x: Any) -> Tensor:
        """Return the log-density of each class in nats: (n, d) -> (n, k)."""
        away = (float64(x)[:, None] - self._median).abs() / self._scale
        return -(away + torch.log(2.0 * self._scale)).sum(dim=2)
