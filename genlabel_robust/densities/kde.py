"""A Gaussian kernel density estimate per class."""

from dataclasses import dataclass, field
from math import isfinite, log, pi
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from genlabel_robust.core import ConfigurationError
from genlabel_robust.densities.rows import float64, rows_by_class
from genlabel_robust.densities.whitening import whitening

#: Added to every variance, so that the covariance of few rows is invertible.
RIDGE = 1e-8
#: How many kernel values (float64) are computed at a time: 2 MB, so that they stay in the cache.
BLOCK = 250_000


@dataclass(frozen=True, eq=False)
class _ClassKernel:
    """The kernels of one class: ``centre`` (d,), ``whiten`` (d, d), whitened rows (d, n_c)."""

    centre: Tensor
    whiten: Tensor
    white_rows: Tensor
    half_square: Tensor
    constant: Tensor

    def log_density(self, x: Tensor) -> Tensor:
        white = (x - self.centre) @ self.whiten
        # -|u - v|²/2 = u·v - |v|²/2 - |u|²/2; the last term can be taken out of the sum
        exponents = torch.addmm(-self.half_square, white, self.white_rows)
        sums = torch.logsumexp(exponents, dim=1)
        return sums - 0.5 * white.square().sum(dim=1) + self.constant


@dataclass(eq=False)
class KernelDensity:
    """Gaussian kernels on the rows of each class.

    ``bandwidth``: None for Scott's rule, with the kernel covariance
    ``n_c**(-2/(d+4)) (S_c + 1e-8 I)``, where ``S_c`` is the sample covariance (ddof 1), as in
    ``scipy.stats.gaussian_kde``; or the kernel's standard deviation, the same in every direction
    and in the units of the features. Raises ``ConfigurationError`` if it is not a finite number
    above 0. Sources: Scott 1992; GenLabel, Sohn et al. 2022 (2201.02354).
    """

    bandwidth: float | None = None
    normalised: ClassVar[bool] = True
    _kernels: list[_ClassKernel] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        width = self.bandwidth
        if width is not None and not (isfinite(width) and width > 0):
            raise ConfigurationError(
                f"bandwidth is {width}; give a finite number above 0, or none for Scott's rule"
            )

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Fit to (n, d) and (n,); raises ``TooFewExamplesError`` and ``DataError``."""
        classes = rows_by_class(x, y, n_classes)
        self._kernels = [self._kernel(rows, label) for label, rows in enumerate(classes)]
        return self

    def log_density(self, x: Any) -> Tensor:
        """Return the log-density in nats of each class: (n, d) -> (n, k) float64."""
        points = float64(x)
        columns = []
        for kernel in self._kernels:
            size = max(1, BLOCK // kernel.white_rows.shape[1])
            columns.append(
                torch.cat([kernel.log_density(part) for part in torch.split(points, size)])
            )
        return torch.stack(columns, dim=1)

    def _kernel(self, rows: Tensor, label: int) -> _ClassKernel:
        n, d = rows.shape
        centre = rows.mean(dim=0)
        centred = rows - centre
        if self.bandwidth is None:
            covariance = centred.T @ centred / (n - 1)
            covariance.diagonal().add_(RIDGE)
            covariance *= n ** (-2 / (d + 4))
        else:
            covariance = torch.eye(d, dtype=rows.dtype, device=rows.device) * self.bandwidth**2
        whiten, log_det = whitening(covariance, label)
        white = centred @ whiten
        return _ClassKernel(
            centre=centre,
            whiten=whiten,
            white_rows=white.T.contiguous(),
            half_square=0.5 * white.square().sum(dim=1),
            constant=log_det - 0.5 * d * log(2 * pi) - log(n),
        )
