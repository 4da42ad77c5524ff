from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import classes_of

X = np.random.default_rng(0).random((50, 3))


@pytest.mark.parametrize(
    ("y", "known"),
    [
        ([2, 1, 3, 4], (1, 2, 3, 4)),
        ([0.0, 3.0], (0, 1, 2, 3)),
        (["3", "0"], (0, 1, 2, 3)),
        (["3", "2", "1", "0"], (0, 1, 2, 3)),
        ([False, True], (0, 1, 2, 3)),
        (["d", "c", "b", "a"], ("a", "b", "c", "d")),
        ([-1, 0, 1, 2], (-1, 0, 1, 2)),
        # the last, or all but one, without a row: from 0 or from 1 on?
        ([1, 2, 3], None),
        (["1", "3"], None),
        ([2], None),
        ([-1, 0, 1], None),
        ([0, 4], None),
        (range(5), None),
    ],
)
def test_scores_are_told_apart_by_labels_only_where_nothing_is_guessed(
    y: Any, known: tuple[Any, ...] | None
) -> None:
    if known is not None:
        assert classes_of(nn.Linear(3, 4), rows_of(X), list(y)) == known
        return
    told = (
        rf"the model returns 4 scores, but y has {len(y)} labels?, such as .*; name .*"
        r"each with --class \(in Python: classes=\[\.\.\.\]\), or give reference rows that"
    )
    with pytest.raises(ConfigurationError, match=told):
        classes_of(nn.Linear(3, 4), rows_of(X), list(y))


def test_labels_of_many_digits_are_in_the_order_of_the_numbers() -> None:
    y = [str(i) for i in range(12)]
    assert classes_of(nn.Linear(3, 12), rows_of(X), y) == tuple(range(12))
