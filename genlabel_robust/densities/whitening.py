"""Whitening by a Cholesky factor."""

import torch
from torch import Tensor

from genlabel_robust.core import DataError


def whitening(covariance: Tensor, label: int) -> tuple[Tensor, Tensor]:
    """Return (W, log|det W|) such that ``W W^T`` is the inverse of ``covariance`` (d, d).

    Rows times W have the identity matrix as covariance. Raises ``DataError`` if ``covariance``,
    that of class ``label``, is not positive definite in float64.
    """
    factor, failed = torch.linalg.cholesky_ex(covariance)
    if int(failed):
        raise DataError(
            f"the covariance of class {label} is not positive definite in float64 (largest "
            f"variance {float(covariance.diagonal().max()):.3g}); scale the features first"
        )
    unit = torch.eye(len(covariance), dtype=covariance.dtype, device=covariance.device)
    inverse = torch.linalg.solve_triangular(factor, unit, upper=False)
    return inverse.T.contiguous(), -factor.diagonal().log().sum()
