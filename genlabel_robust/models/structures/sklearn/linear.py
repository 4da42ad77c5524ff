"""Linear classifiers of scikit-learn: weighted sums of columns, in the type of their weights."""

from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import FLOAT32, FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.folding.affine import folded_affine


def read(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted linear classifier, which predicts directly by its sums.

    For two classes the scores are 0 and the single sum, whose sign decides.
    """
    weight = model.coef_.toarray() if hasattr(model.coef_, "toarray") else model.coef_
    # some that are fitted on float32 have weights of that type, and compute sums in it
    rounding = FLOAT32 if front.single or weight.dtype == np.float32 else FLOAT64
    weight = np.atleast_2d(np.asarray(weight, dtype=np.float64))
    bias = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), len(weight))
    k = len(model.classes_)
    if len(weight) not in ({1} if k == 2 else {k}):
        raise UnreadError(
            f"{type(model).__name__} has weights for {len(weight)} sums, and {k} classes"
        )
    return folded_affine(*of_both(weight, bias), front, rounding)


def of_both(weight: FloatArray, bias: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights and biases of all classes; for two, a single sum may belong to the second."""
    if len(weight) > 1:
        return weight, np.asarray(bias)
    return np.concatenate([np.zeros_like(weight), weight]), np.concatenate([[0.0], bias])
