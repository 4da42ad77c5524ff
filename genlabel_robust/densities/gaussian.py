"""One full-covariance Gaussian per class."""

from dataclasses import dataclass, field
from math import log, pi
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from genlabel_robust.densities.rows import float64, rows_by_class
from genlabel_robust.densities.whitening import whitening

#: Added to every variance, so that the covariance of few rows is invertible.
RIDGE = 1e-4


@dataclass(eq=False)
class GaussianDensity:
    """Empirical mean and population covariance + 1e-4 I of each class.

    Source: GenLabel, Sohn et al. 2022 (2201.02354).
    """

    normalised: ClassVar[bool] = True
    _mean: Tensor = field(init=False, repr=False)
    _whiten: Tensor = field(init=False, repr=False)
    _constant: Tensor = field(init=False, repr=False)

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Fit to (n, d) and (n,); raises ``TooFewExamplesError`` and ``DataError``."""
        means, whitenings, constants = [], [], []
        for label, rows in enumerate(rows_by_class(x, y, n_classes)):
            mean = rows.mean(dim=0)
            centred = rows - mean
            covariance = centred.T @ centred / len(rows)
            covariance.diagonal().add_(RIDGE)
            whiten, log_det = whitening(covariance, label)
            means.append(mean)
            whitenings.append(whiten)
            constants.append(log_det - 0.5 * rows.shape[1] * log(2 * pi))
        self._mean = torch.stack(means).unsqueeze(1)
        self._whiten = torch.stack(whitenings)
        self._constant = torch.stack(constants)
        return self

    def log_density(self, x: Any) -> Tensor:
        """Return the log-density in nats of each class: (n, d) -> (n, k) float64."""
        white = torch.bmm(float64(x) - self._mean, self._whiten)
        return self._constant - 0.5 * white.square().sum(dim=2).T
