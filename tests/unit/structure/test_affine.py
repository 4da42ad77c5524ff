from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.structure.affine import Affine, chain


def layers(sizes: tuple[int, ...], size: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(0)
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    single = np.float32
    weights = [(size * rng.normal(size=p)).astype(single).astype(float) for p in pairs]
    biases = [(size * rng.normal(size=p[0])).astype(single).astype(float) for p in pairs]
    return weights, biases


@pytest.mark.parametrize("sizes", [(30, 2), (5, 3), (8, 128, 128, 3)])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_float32_scores_are_off_by_less_than_is_said(sizes: tuple[int, ...], size: float) -> None:
    weights, biases = layers(sizes, size)
    rng = np.random.default_rng(1)
    raw = 1e6 + rng.uniform(size=(300, sizes[0]))
    offset, scale = np.full(sizes[0], 1e6), np.full(sizes[0], 0.5)
    structure = chain(offset, scale, weights, biases, 2.0**-24)
    x = torch.from_numpy(((raw - offset) / scale).astype(np.float32))
    for weight, bias in zip(weights, biases, strict=True):
        x = torch.nn.functional.linear(
            x, torch.from_numpy(weight).float(), torch.from_numpy(bias).float()
        )
    off = np.abs(x.numpy() - structure.scores(raw))
    said = structure.error(raw, raw)
    assert (off <= said).all()
    # a bound that allows everything would be of no use
    assert np.median(said / np.maximum(off, 1e-30)) < (400 if len(sizes) == 2 else 20_000)


def test_the_error_in_a_box_is_at_least_that_at_each_of_its_points() -> None:
    structure = chain(np.full(4, 0.3), np.ones(4), *layers((4, 3), 1.0), 2.0**-24)
    plain = Affine(structure.weight, structure.bias, 2.0**-24)
    rng = np.random.default_rng(2)
    low, high = np.full((1, 4), -1.0), np.full((1, 4), 2.0)
    points = rng.uniform(-1, 2, (200, 4))
    for one in (structure, plain):
        assert (one.error(points, points) <= one.error(low, high)).all()


def test_a_row_has_the_same_scores_in_any_company() -> None:
    structure = chain(np.zeros(50), np.ones(50), *layers((50, 7), 1.0), 2.0**-24)
    raw = np.random.default_rng(3).normal(size=(64, 50))
    together = structure.scores(raw)
    for row in range(64):
        assert structure.scores(raw[row : row + 1])[0].tolist() == together[row].tolist()


def test_a_missing_value_does_not_count_and_codes_add_what_they_stand_for() -> None:
    structure = Affine(
        weight=np.array([[2.0, 5.0, 0.0]]),
        bias=np.array([1.0]),
        rounding=2.0**-53,
        flags=np.array([1, -1, -1]),
        codes=((2, np.array([[10.0], [20.0], [30.0]])),),
    )
    raw = np.array([[3.0, 0.0, 0.0], [3.0, 1.0, 2.0], [4.0, 0.0, 1.0]])
    assert structure.scores(raw).tolist() == [[17.0], [36.0], [29.0]]


def test_combined_scores_are_those_of_the_matrix() -> None:
    structure = chain(np.zeros(3), np.ones(3), *layers((3, 2), 1.0), 2.0**-24)
    matrix, shift = np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([0.0, 4.0])
    raw = np.random.default_rng(4).normal(size=(5, 3))
    found = structure.combined(matrix, shift)
    assert found.scores(raw) == pytest.approx(structure.scores(raw) @ matrix.T + shift)
    assert found.error(raw, raw) == pytest.approx(structure.error(raw, raw)[:, ::-1], rel=1e-6)
