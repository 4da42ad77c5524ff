"""The common shape of all statistics: one row per training seed, one column per test row."""

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core import ConfigurationError, FloatArray, UnfinishedRunError


def panel(values: NDArray[np.bool_] | FloatArray, what: str) -> FloatArray:
    """Return ``values`` (seeds, n) as float64, or raise an error about their shape.

    ``what``: the argument's name in messages. Raises ``ConfigurationError`` if there
    are not two axes, ``UnfinishedRunError`` if there is no seed or no row: nothing
    was evaluated, so there is no rate.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise ConfigurationError(
            f"{what} has the shape {table.shape}; it must be (seeds, n): for one seed, (1, n)"
        )
    if table.size == 0:
        raise UnfinishedRunError(
            f"{what} has the shape {table.shape}: nothing was evaluated; run at least one cell"
        )
    return table


def check_level(level: float) -> None:
    """Raise ``ConfigurationError`` unless the confidence ``level`` lies strictly in (0, 1)."""
    if not 0.0 < level < 1.0:
        raise ConfigurationError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
