"""Rows are predicted alone only if other rows in the batch may matter."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models.mislabelled import mislabelled


@dataclass
class _InCompany:
    """Predicts 1 for all rows, except for a row predicted alone that is not above ``alone``."""

    alone: float
    asked: int = 0

    def predict(self, raw: FloatArray) -> IntArray:
        self.asked += 1
        return np.asarray((len(raw) > 1) | (raw[:, 0] > self.alone), dtype=np.int64)


@dataclass
class _Knowing(_InCompany):
    def never(self, raw: FloatArray, labels: IntArray) -> BoolArray:
        return np.asarray(raw[:, 0] > 5)


def test_a_row_that_is_mislabelled_in_company_alone_does_not_count() -> None:
    raw, y = np.arange(10.0)[:, None], np.zeros(10, dtype=np.int64)
    model = _InCompany(alone=3)
    assert mislabelled(model, raw, y).tolist() == [False] * 4 + [True] * 6
    assert model.asked == 11


def test_rows_that_the_model_knows_of_are_not_asked_alone() -> None:
    raw, y = np.arange(10.0)[:, None], np.zeros(10, dtype=np.int64)
    model = _Knowing(alone=3)
    assert mislabelled(model, raw, y).tolist() == [False] * 4 + [True] * 6
    assert model.asked == 1 + 6
