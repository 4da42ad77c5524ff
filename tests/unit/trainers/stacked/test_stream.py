from __future__ import annotations

import numpy as np
import torch

from genlabel_robust.core.seeds import generator
from genlabel_robust.trainers.stacked.stream import rows_in_batches

X, Y = torch.arange(7.0).unsqueeze(1), torch.arange(7)


def test_batches_follow_the_data_and_the_last_may_be_smaller():
    batches = list(rows_in_batches(X, Y, 2, 3, False, generator(0, "order")))
    assert [y.tolist() for _, y in batches] == [[0, 1, 2], [3, 4, 5], [6]] * 2


def test_shuffling_takes_every_row_once_per_epoch_in_a_fresh_order():
    batches = list(rows_in_batches(X, Y, 2, 7, True, generator(0, "order")))
    (x1, y1), (x2, y2) = batches
    assert sorted(y1.tolist()) == sorted(y2.tolist()) == list(range(7))
    assert y1.tolist() != y2.tolist()
    assert np.array_equal(x1[:, 0].numpy(), y1.numpy())
    assert np.array_equal(x2[:, 0].numpy(), y2.numpy())
