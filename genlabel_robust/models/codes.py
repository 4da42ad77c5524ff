"""Columns that a model treats as codes, although it takes floats."""

from typing import Any

import numpy as np
from torch import nn

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.data import Task
from genlabel_robust.data.columns.feature_kinds import whole_numbers
from genlabel_robust.models.inside import coded_of
from genlabel_robust.models.model import Model

#: The fractions that are added to codes to see if the model truncates, and the number of rows.
_FRACTIONS, _ROWS = (0.25, 0.5, 0.75), 256
_EMBEDDINGS = (nn.Embedding, nn.EmbeddingBag)


def columns_of_codes(model: Any, queried: Model, task: Task) -> tuple[str, ...]:
    """Return the integer features of ``task`` that the model treats as codes.

    ``queried``: ``model`` as attacks query it. A graph declares what it casts or looks up. A torch
    module with an embedding is queried: a feature is a code if adding any fraction does not change
    the scores, but exchanging the codes between rows does.
    """
    whole = whole_numbers(task.x_train) & whole_numbers(task.x_test)
    codes = set(coded_of(queried))
    if isinstance(model, nn.Module) and any(isinstance(m, _EMBEDDINGS) for m in model.modules()):
        cut = _cut_off(queried, task.x_test[:_ROWS], whole)
        codes |= {task.feature_names[i] for i in np.flatnonzero(cut)}
    return tuple(
        name
        for name, is_whole in zip(task.feature_names, whole, strict=True)
        if is_whole and name in codes
    )


def _cut_off(queried: Model, raw: FloatArray, whole: BoolArray) -> BoolArray:
    """Mark the columns (d,) among ``whole`` whose fractions the model truncates."""
    before = queried.scores(raw)
    found = np.zeros(len(whole), dtype=bool)
    for column in np.flatnonzero(whole).tolist():
        other = raw.copy()
        other[:, column] = np.roll(raw[:, column], 1)
        found[column] = not _alike(queried.scores(other), before) and all(
            _alike(queried.scores(_added(raw, column, fraction)), before) for fraction in _FRACTIONS
        )
    return found


def _added(raw: FloatArray, column: int, fraction: float) -> FloatArray:
    moved = raw.copy()
    # a cast truncates toward zero
    moved[:, column] += np.where(raw[:, column] < 0, -fraction, fraction)
    return moved


def _alike(first: FloatArray, second: FloatArray) -> bool:
    return bool(np.allclose(first, second, rtol=1e-6, atol=1e-9))
