"""Scaling of raw features to what models see: one affine map per feature."""

import numpy as np

from genlabel_robust.core import BoolArray, DataError, FloatArray, unknown_name
from genlabel_robust.data.task import Scaling

#: "range": [0, 1] by the training range; "standard": mean and population standard
#: deviation of the training part; "paper": those of all rows, test rows included.
SCALINGS: tuple[str, ...] = ("range", "standard", "paper")


def fit_scaling(name: str, x_train: FloatArray, x_all: FloatArray) -> Scaling:
    """Return the scaling ``name`` of raw features; a constant feature has scale 1.

    ``x_train`` (n, d); ``x_all`` (m, d): every row of the table, used only by "paper". Raises
    ``UnknownNameError``.
    """
    if name not in SCALINGS:
        raise unknown_name("scaling", name, SCALINGS)
    if name == "range":
        low = x_train.min(axis=0)
        return Scaling(name, low, positive(x_train.max(axis=0) - low, constant(x_train)))
    x = x_all if name == "paper" else x_train
    return Scaling(name, x.mean(axis=0), positive(x.std(axis=0), constant(x)))


def fills_array(scaling: Scaling) -> FloatArray:
    """Return the fills of ``scaling`` (f, 2): feature and value, as for ``stored_scaling``."""
    return np.array(scaling.fills, dtype=np.float64).reshape(-1, 2)


def stored_scaling(
    offset: FloatArray, scale: FloatArray, fills: FloatArray | None = None
) -> Scaling:
    """Return a stored scaling; raises ``DataError`` for fills of unknown features.

    ``offset``, ``scale``: (d,); ``fills``: as from ``fills_array``, None without any.
    """
    pairs = np.zeros((0, 2)) if fills is None else np.asarray(fills, dtype=np.float64)
    features = pairs[:, 0] if pairs.ndim == 2 and pairs.shape[1] == 2 else np.array([np.nan])
    if not (np.isin(features, np.arange(len(scale) - 1)).all() and np.isfinite(pairs).all()):
        raise DataError(f"the stored fills of missing values are of no features among {len(scale)}")
    known = tuple((int(feature), float(fill)) for feature, fill in pairs)
    return Scaling("stored", offset, scale, known)


def constant(x: FloatArray) -> BoolArray:
    """Mark the features (d,) that have a single value in ``x`` (n, d).

    Compares the values: the standard deviation of equal floats is not always 0.
    """
    return np.asarray(x.max(axis=0) == x.min(axis=0))


def positive(scale: FloatArray, fixed: BoolArray) -> FloatArray:
    """Return ``scale`` (d,) with 1 where the feature is ``fixed`` or the scale underflowed."""
    return np.where(fixed | (scale <= 0.0), 1.0, scale)
