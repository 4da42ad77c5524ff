"""Conversion of a caller's tensors or arrays to the float64 rows of each class."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core import DataError, TooFewExamplesError


def float64(x: Any) -> Tensor:
    """Return ``x`` as a float64 tensor, detached from its gradient history.

    It stays on its device, or moves to the CPU if the device does not support float64.
    """
    if isinstance(x, Tensor):
        own = x.detach()
        return (own.cpu() if own.device.type == "mps" else own).to(torch.float64)
    return torch.tensor(np.asarray(x, dtype=np.float64))


def int64(y: Any) -> Tensor:
    """Return labels as an int64 tensor on their own device."""
    if isinstance(y, Tensor):
        return y.to(torch.int64)
    return torch.tensor(np.asarray(y, dtype=np.int64))


def rows_by_class(x: Any, y: Any, n_classes: int) -> list[Tensor]:
    """Return each class's rows (n_c, d) in float64, in their order.

    Raises ``DataError`` if ``x`` is not a finite table with one label in 0..k-1 per row, and
    ``TooFewExamplesError`` if a class has fewer than two rows.
    """
    rows = float64(x)
    labels = int64(y).to(rows.device)
    if rows.ndim != 2 or labels.shape != rows.shape[:1]:
        raise DataError(
            f"a density was given features of shape {tuple(rows.shape)} and labels of shape "
            f"{tuple(labels.shape)}; give (n, d) and (n,)"
        )
    if not torch.isfinite(rows).all():
        raise DataError("a density was given NaN or infinite features; impute or drop them first")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < n_classes:
        raise DataError(
            f"labels run from {int(labels.min())} to {int(labels.max())}; "
            f"with {n_classes} classes they must lie in 0..{n_classes - 1}"
        )
    counts = torch.bincount(labels, minlength=n_classes).tolist()
    for label, count in enumerate(counts):
        if count < 2:
            raise TooFewExamplesError(
                f"class {label} has {count} training example{'s' * (count != 1)}; a density "
                "needs at least two: add examples or leave the class out"
            )
    return [rows[labels == label] for label in range(n_classes)]
