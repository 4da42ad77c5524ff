"""A degenerate density: all mass on the class of the nearest training point."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from genlabel_robust.densities.rows import float64, int64, rows_by_class

#: How many distances (float64) are computed at a time: 2 MB, so that they stay in the cache.
BLOCK = 250_000


def nearest(x: Tensor, rows: Tensor) -> Tensor:
    """Return the index (n,) of the row nearest to each point, the lowest index among ties.

    ``x``: (n, d), ``rows``: (m, d), both float64; Euclidean distance.
    """
    return torch.cat([_nearest(part, rows) for part in torch.split(x, max(1, BLOCK // len(rows)))])


def _nearest(x: Tensor, rows: Tensor) -> Tensor:
    centre = rows.mean(dim=0)
    points, targets = x - centre, rows - centre
    squares = targets.square().sum(dim=1)
    distance = torch.addmm(squares, points, targets.T, alpha=-2.0)
    best, index = distance.min(dim=1, keepdim=True)
    # the product has rounding errors: near ties are compared coordinate by coordinate
    slack = 1e-13 * (points.square().sum(dim=1, keepdim=True) + squares.max())
    tied = (distance <= best + slack).sum(dim=1) > 1
    exact = torch.cdist(x[tied], rows, compute_mode="donot_use_mm_for_euclid_dist")
    index[tied] = exact.argmin(dim=1, keepdim=True)
    return index.squeeze(1)


@dataclass(eq=False)
class NearestNeighbourDensity:
    """Log-density 0 for the class of the nearest training point, -inf for the others.

    The posterior is the label of the nearest training point; among equally near points, the first
    one in the training data decides.
    """

    normalised: ClassVar[bool] = False
    _rows: Tensor = field(init=False, repr=False)
    _labels: Tensor = field(init=False, repr=False)
    _n_classes: int = field(init=False, repr=False, default=0)

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Fit to (n, d) and (n,); raises ``TooFewExamplesError`` and ``DataError``."""
        rows_by_class(x, y, n_classes)
        self._rows = float64(x)
        self._labels = int64(y).to(self._rows.device)
        self._n_classes = n_classes
        return self

    def log_density(self, x: Any) -> Tensor:
        """Return 0 or -inf for each class: (n, d) -> (n, k) float64."""
        points = float64(x)
        labels = self._labels[nearest(points, self._rows)]
        result = torch.full((len(points), self._n_classes), -torch.inf, dtype=torch.float64)
        return result.to(points.device).scatter_(1, labels.unsqueeze(1), 0.0)
