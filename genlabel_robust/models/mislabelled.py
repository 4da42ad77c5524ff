"""Which rows a model mislabels, whatever company it is asked in."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, logit_margin
from genlabel_robust.models.model import Model

#: The lead of a wrong class, as a share of the largest score, that rounding in float32 cannot give.
_DECISIVE = 2e-6


def mislabelled(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows of ``raw`` (q, d) that are not labelled ``y`` (q,), in a batch and alone."""
    if not len(raw):
        return np.zeros(0, dtype=bool)
    return wrong_alone(model, raw, y, np.asarray(model.predict(raw) != y))


def wrong_alone(model: Model, raw: FloatArray, y: IntArray, wrong: BoolArray) -> BoolArray:
    """Return of the rows that are ``wrong`` (q,) in a batch those that are so alone."""
    found = wrong.copy()
    for row in np.flatnonzero(wrong):
        found[row] = model.predict(raw[row : row + 1])[0] != y[row]
    return found


def leads_decisively(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows of ``raw`` (q, d) where another class leads by more than rounding can give."""
    scores = model.scores(raw)
    return np.asarray(-logit_margin(scores, y) > _DECISIVE * np.abs(scores).max(axis=1))
