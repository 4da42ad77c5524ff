"""From raw features to what models see: one affine map per feature."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, unknown_name
from genlabel_robust.data.task import Scaling

#: "range": [0, 1] by the training range; "standard": mean and population standard
#: deviation of the training part; "paper": those of all rows, test rows included.
SCALINGS: tuple[str, ...] = ("range", "standard", "paper")


def fit_scaling(name: str, x_train: FloatArray, x_all: FloatArray) -> Scaling:
    """Return the scaling ``name`` of raw features; a constant feature has scale 1.

    ``x_train`` (n, d); ``x_all`` (m, d): every row of the table, which only "paper"
    looks at. Raises ``UnknownNameError``.
    """
    if name not in SCALINGS:
        raise unknown_name("scaling", name, SCALINGS)
    if name == "range":
        low = x_train.min(axis=0)
        return Scaling(name, low, positive(x_train.max(axis=0) - low, constant(x_train)))
    x = x_all if name == "paper" else x_train
    return Scaling(name, x.mean(axis=0), positive(x.std(axis=0), constant(x)))


def constant(x: FloatArray) -> BoolArray:
    """Mark the features (d,) that have one value only in ``x`` (n, d).

    By the values: the standard deviation of equal values is not always 0 in floats.
    """
    return np.asarray(x.max(axis=0) == x.min(axis=0))


def positive(scale: FloatArray, fixed: BoolArray) -> FloatArray:
    """Return ``scale`` (d,) with 1 where the feature is ``fixed`` or the scale underflowed."""
    return np.where(fixed | (scale <= 0.0), 1.0, scale)
