"""The protocol of class-conditional densities, and the posterior that follows from them."""

from typing import Any, ClassVar, Protocol, Self

import torch
from torch import Tensor


class ClassDensity(Protocol):
    """A density per class, learned from labelled rows.

    ``normalised``: whether each class's density integrates to 1.
    """

    normalised: ClassVar[bool]

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Learn from ``x`` (n, d) and ``y`` (n,), labels 0..k-1, tensors or arrays.

        Raises ``TooFewExamplesError`` if a class has fewer than two rows.
        """

    def log_density(self, x: Any) -> Tensor:
        """Return the log-density in nats of each class: (n, d) -> (n, k) float64."""


def posterior(log_density: Tensor) -> Tensor:
    """Return the probability of each class under equal priors: (n, k) -> (n, k).

    NaN counts as no density at all. If no class has any density, the result is the priors: 1/k
    each. Never NaN. Source: GenLabel, Sohn et al. 2022 (2201.02354).
    """
    # class axis first: summing few adjacent numbers row by row takes five times as long
    by_class = log_density.T.contiguous()
    scores = torch.nan_to_num(by_class, nan=-torch.inf, neginf=-torch.inf)
    silent = torch.isneginf(scores).all(dim=0)
    # softmax of log-densities: the plain ratio is 0/0 once all densities underflow (d > 40)
    return torch.softmax(scores.masked_fill(silent, 0.0), dim=0).T
