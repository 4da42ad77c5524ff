"""The contract of densities."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import DataError, TooFewExamplesError
from genlabel_robust.densities.density import ClassDensity, posterior
from genlabel_robust.parts.contracts.promise import promise, refuses
from genlabel_robust.parts.contracts.rows import three_classes

#: Rows and labels on which no density can be fitted.
MALFORMED = (
    (np.zeros(4), np.array([0, 0, 1, 1])),
    (np.zeros((4, 2)), np.array([0, 1])),
    (np.full((4, 2), np.nan), np.array([0, 0, 1, 1])),
    (np.zeros((4, 2)), np.array([0, 0, 1, 2])),
    (np.zeros((4, 2)), np.array([0, 0, 1, -1])),
)


def check_density(make: Callable[[], ClassDensity]) -> None:
    """Check that a density keeps its contract; ``make``: its class.

    Raises ``ConfigurationError`` if it does not.
    """
    log_densities_are_numbers_per_class(make())
    arrays_and_tensors_are_the_same(make())
    the_posterior_names_the_class(make())
    refuses_too_few(make())
    for x, y in MALFORMED:
        refuses_malformed(make(), x, y)


def log_densities_are_numbers_per_class(density: ClassDensity) -> None:
    """Check shape and type of ``log_density``, and that it is never NaN."""
    x, y = three_classes()
    found = density.fit(x, y, 3).log_density(torch.tensor(x[:7], dtype=torch.float32))
    promise(found.shape == (7, 3), f"a density has a column per class, and not {found.shape}")
    promise(found.dtype == torch.float64, f"log-densities are of float64, and not {found.dtype}")
    promise(not found.isnan().any(), "log-densities are never NaN")
    promise(isinstance(density.normalised, bool), "a density says whether it is normalised")


def the_posterior_names_the_class(density: ClassDensity) -> None:
    """Check that the posterior prefers the true class for most training rows."""
    x, y = three_classes()
    found = posterior(density.fit(x, y, 3).log_density(x))
    share = float((found.argmax(dim=1).numpy() == y).mean())
    promise(share > 0.9, f"the posterior names the class of {share:.0%} of the training rows")


def arrays_and_tensors_are_the_same(density: ClassDensity) -> None:
    """Check that read-only arrays are accepted, and give the same as tensors."""
    x, y = three_classes()
    x.flags.writeable = False
    arrays = density.fit(x, y, 3).log_density(x)
    tensors = density.fit(torch.tensor(x), torch.tensor(y), 3).log_density(torch.tensor(x))
    promise(torch.equal(arrays, tensors), "arrays and tensors give the same log-densities")


def refuses_too_few(density: ClassDensity) -> None:
    """Check that a class with a single example is refused."""
    x, y = np.arange(8.0).reshape(4, 2), np.array([0, 0, 0, 1])
    refuses(
        lambda: density.fit(x, y, 2),
        "a class with one example is refused with TooFewExamplesError",
        TooFewExamplesError,
    )


def refuses_malformed(density: ClassDensity, x: Any, y: Any) -> None:
    """Check that malformed rows and labels are refused."""
    refuses(lambda: density.fit(x, y, 2), "malformed rows are refused with DataError", DataError)
