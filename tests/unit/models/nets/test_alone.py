"""Rows in large blocks get the same bits as each row alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.core.padding import PAD
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.mislabelled import AnswersAlone, mislabelled, wrong_alone
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets import alone
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.nets.plain_layers import forward


def net(d: int, k: int, widths: tuple[int, ...] = (128, 128), seed: int = 0) -> TorchModel:
    rng = np.random.default_rng(seed)
    module = MLP.module(MLP.with_widths(widths).initialise(d, k, rng))
    return TorchModel(module, Scaling("range", np.zeros(d), np.ones(d)), k)


@pytest.mark.parametrize(
    ("d", "k", "widths"), [(30, 2, (128, 128)), (4, 3, (128, 128)), (7, 5, (9,))]
)
def test_a_block_gives_each_row_the_bits_that_it_gets_alone(
    d: int, k: int, widths: tuple[int, ...]
) -> None:
    model = net(d, k, widths)
    assert isinstance(model, AnswersAlone)
    raw = np.random.default_rng(1).uniform(-1, 2, (3 * PAD + 5, d))
    layers = model._plain_layers()
    assert layers is not None
    together = alone.logits_alone(layers, model._input(raw))
    if together is None:
        pytest.skip("products of this build of torch depend on where a row lies in a block")
    each = np.concatenate([model.scores(row[None]) for row in raw])
    np.testing.assert_array_equal(together[: len(raw)].numpy().astype(np.float64), each)
    np.testing.assert_array_equal(model.labels_alone(raw), each.argmax(axis=1))


def test_a_row_on_the_boundary_is_labelled_as_alone() -> None:
    model = net(6, 3, (16, 16), seed=3)
    rng = np.random.default_rng(2)
    low, high = rng.uniform(-20, 20, (2, 400, 6))
    labels = model.predict(low)
    differ = model.predict(high) != labels
    low, high, labels = low[differ], high[differ], labels[differ]
    for _ in range(60):  # down to where only the last bits decide
        middle = (low + high) / 2
        same = (model.predict(middle) == labels)[:, None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    rows = np.concatenate([low, high])
    y = np.concatenate([labels, labels])
    by_block = mislabelled(model, rows, y)
    wrong = np.asarray(model.predict(rows) != y)
    for row in np.flatnonzero(wrong):
        wrong[row] = model.predict(rows[row : row + 1])[0] != y[row]
    np.testing.assert_array_equal(by_block, wrong)
    assert by_block.any()


def test_where_a_place_of_the_block_matters_each_row_is_asked_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def by_place(layers: list[torch.nn.Linear], x: torch.Tensor) -> list[torch.Tensor]:
        steps = forward(layers, x)
        steps[-1] += torch.arange(len(x), dtype=x.dtype)[:, None] * 1e-6
        return steps

    model = net(5, 2, (11,))  # a shape that no other test has tried
    monkeypatch.setattr(alone, "forward", by_place)
    assert not alone.places_agree(((5, 11), (11, 2)))
    raw = np.random.default_rng(0).uniform(0, 1, (20, 5))
    assert model.labels_alone(raw) is None
    alone.places_agree.cache_clear()
    y = 1 - model.predict(raw)
    assert wrong_alone(model, raw, y, np.ones(20, dtype=bool)).all()


def test_layers_that_lie_otherwise_in_memory_are_asked_by_themselves() -> None:
    model = net(5, 2, (8,))
    first = model.module[0]  # type: ignore[index]
    first.weight = torch.nn.Parameter(first.weight.detach().T.contiguous().T)
    assert model.labels_alone(np.zeros((3, 5))) is None
