"""A net with optional numbers, and categories as codes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.layer_chain import LayerChain
from genlabel_robust.structure.relu_net import ReluNet
from genlabel_robust.structure.rounding import FLOAT64

RNG = np.random.default_rng(0)
#: A number, what says that it is missing, a category of three levels as its code, and a number.
D, LEVELS = 4, 3
FLAGS = np.array([1, -1, -1, -1])
CODES = ((2, RNG.normal(size=(LEVELS, 5))),)
NET = ReluNet(
    np.zeros(D),
    np.ones(D),
    (np.where([True, True, False, True], RNG.normal(size=(5, D)), 0.0), RNG.normal(size=(3, 5))),
    (RNG.normal(size=5), RNG.normal(size=3)),
    FLOAT64,
    flags=FLAGS,
    codes=CODES,
)


def rows(n: int) -> np.ndarray:
    raw = RNG.normal(size=(n, D))
    raw[:, 1] = RNG.integers(0, 2, n)
    raw[:, 2] = RNG.integers(0, LEVELS, n)
    return raw


def by_hand(raw: np.ndarray) -> np.ndarray:
    x = raw * [1 - raw[1], 1, 1, 1]
    hidden = NET.weights[0] @ x + NET.biases[0] + CODES[0][1][int(raw[2])]
    return NET.weights[1] @ np.maximum(hidden, 0) + NET.biases[1]


def test_a_missing_number_adds_nothing_and_a_code_adds_what_stands_for_it() -> None:
    raw = rows(50)
    np.testing.assert_allclose(NET.scores(raw), [by_hand(row) for row in raw], atol=1e-12)


def test_about_a_row_it_is_a_plain_net() -> None:
    for row in rows(20):
        near = rows(30)
        near[:, 1:3] = row[1:3]
        plain = NET.at(row)
        assert plain.flags is None
        assert not plain.codes
        np.testing.assert_allclose(plain.scores(near), NET.scores(near), atol=1e-12)
        assert (plain.rounding_sizes()[0][0][:, 0] == 0).all() == (row[1] == 1)


def test_a_net_without_such_cells_is_the_same_about_any_row() -> None:
    plain = replace(NET, flags=None, codes=())
    assert plain.at(rows(1)[0]) is plain


@pytest.mark.parametrize("y", [0, 1, 2])
def test_the_gradient_of_the_lead_is_that_of_small_steps(y: int) -> None:
    raw, step = rows(40), 1e-6

    def lead(x: np.ndarray) -> np.ndarray:
        scores = NET.scores(x)
        return scores[:, y] - np.delete(scores, y, axis=1).max(axis=1)

    gradient = NET.lead_gradient(raw, y)
    for feature in (0, 3):
        moved = np.eye(D)[feature] * step
        slope = (lead(raw + moved) - lead(raw - moved)) / (2 * step)
        smooth = np.abs(lead(raw + moved) - 2 * lead(raw) + lead(raw - moved)) < 1e-12
        assert smooth.sum() > 30
        np.testing.assert_allclose(gradient[smooth, feature], slope[smooth], atol=1e-6)
    assert (gradient[raw[:, 1] == 1, 0] == 0).all()


def front() -> Affine:
    """Return a pipeline's columns for such rows: two numbers, and a category of three levels."""
    weight = np.array([[2.0, 0.5, 0, 0], [0, 0, 0, 3.0], *np.zeros((LEVELS, D))])
    added = np.hstack([np.zeros((LEVELS, 2)), np.eye(LEVELS)])
    bias = np.array([0.1, -0.2, *np.zeros(LEVELS)])
    return Affine(weight, bias, FLOAT64, flags=FLAGS, codes=((2, added),))


def shown(raw: np.ndarray) -> np.ndarray:
    """Return the columns of ``front``, computed by hand."""
    first = 2 * raw[:, 0] * (raw[:, 1] == 0) + 0.5 * raw[:, 1] + 0.1
    return np.column_stack([first, 3 * raw[:, 3] - 0.2, np.eye(LEVELS)[raw[:, 2].astype(int)]])


def test_layers_behind_a_pipeline_are_one_net_on_raw_features() -> None:
    first, second = RNG.normal(size=(6, 2 + LEVELS)), RNG.normal(size=(2, 6))
    chain = LayerChain(D)
    chain.folded(front())
    chain.linear(first, np.ones(6))
    chain.relu()
    chain.linear(second)
    net, raw = chain.structure(FLOAT64), rows(60)
    assert isinstance(net, ReluNet)
    expected = np.maximum(shown(raw) @ first.T + 1, 0) @ second.T
    np.testing.assert_allclose(net.scores(raw), expected, atol=1e-12)
    assert net.weights[0].shape == net.rounding_sizes()[0][0].shape == (6, D)


def test_linear_layers_behind_a_pipeline_are_affine_with_its_codes() -> None:
    weight = RNG.normal(size=(2, 2 + LEVELS))
    chain = LayerChain(D)
    chain.folded(front())
    chain.linear(weight)
    found, raw = chain.structure(FLOAT64), rows(60)
    assert isinstance(found, Affine)
    np.testing.assert_allclose(found.scores(raw), shown(raw) @ weight.T, atol=1e-12)


def test_the_room_for_rounding_covers_every_level() -> None:
    first = np.zeros((1, 2 + LEVELS))
    first[0, 2:] = [1.0, 1000.0, 10.0]
    chain = LayerChain(D)
    chain.folded(front())
    chain.linear(first)
    chain.relu()
    chain.linear(np.ones((2, 1)))
    net = chain.structure(FLOAT64)
    assert isinstance(net, ReluNet)
    assert net.rounding_sizes()[0][1] >= 1000
