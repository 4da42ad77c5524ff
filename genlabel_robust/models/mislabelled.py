"""Rows that a model mislabels in every batch."""

from typing import Protocol, runtime_checkable

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, logit_margin
from genlabel_robust.models.model import Model

#: A larger lead of a wrong class, as a share of the largest score, cannot come from float32
#: rounding.
_DECISIVE = 2e-6


@runtime_checkable
class KnowsNever(Protocol):
    """A model that knows for some rows which labels they cannot get in any batch."""

    def never(self, raw: FloatArray, labels: IntArray) -> BoolArray:
        """Mark the rows (n, d) that cannot get their label in ``labels`` (n,) in any batch."""
        ...


@runtime_checkable
class AnswersAlone(Protocol):
    """A model that can compute for many rows at once the label that each gets alone."""

    def labels_alone(self, raw: FloatArray) -> IntArray | None:
        """Return the label (n,) that each row (n, d) gets alone, None if only queries can tell."""
        ...


def mislabelled(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows of ``raw`` (q, d) that are not labelled ``y`` (q,), in a batch and alone."""
    if not len(raw):
        return np.zeros(0, dtype=bool)
    return wrong_alone(model, raw, y, np.asarray(model.predict(raw) != y))


def wrong_alone(model: Model, raw: FloatArray, y: IntArray, wrong: BoolArray) -> BoolArray:
    """Return which of the rows that are ``wrong`` (q,) in a batch are also wrong alone.

    Each row is queried alone, which costs as much as a batch, unless the model is a ``KnowsNever``
    or an ``AnswersAlone``.
    """
    found = wrong.copy()
    open_ = np.flatnonzero(wrong)
    if len(open_) and isinstance(model, KnowsNever):
        open_ = open_[~model.never(raw[open_], y[open_])]
    if len(open_) and isinstance(model, AnswersAlone):
        labels = model.labels_alone(raw[open_])
        if labels is not None:
            found[open_] = labels != y[open_]
            return found
    for row in open_:
        found[row] = model.predict(raw[row : row + 1])[0] != y[row]
    return found


def leads_decisively(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows of ``raw`` (q, d) where another class leads by more than rounding errors."""
    scores = model.scores(raw)
    return np.asarray(-logit_margin(scores, y) > _DECISIVE * np.abs(scores).max(axis=1))
