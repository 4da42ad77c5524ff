"""Bounds from a GPU hold, and equal those of numpy up to rounding.

torch on the CPU computes in the same way, so these tests also run without a GPU.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genlabel_robust.certify.nets.bounds import local as of_local
from genlabel_robust.certify.nets.bounds.backward import Relaxed, backward
from genlabel_robust.certify.nets.bounds.device_arrays import faster_on_gpu
from genlabel_robust.certify.nets.bounds.local import Localised, localise
from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.structure import ReluNet
from tests.needs_gpu import cuda
from tests.unit.certify.nets.bounds.test_boxes import hidden

D, RADIUS = 6, 0.1
DEVICES = ["cpu", pytest.param("cuda", marks=cuda)]


def net(width: int = 200, seed: int = 0) -> ReluNet:
    rng = np.random.default_rng(seed)
    widths = (D, width, width, width, 3)
    return ReluNet(
        np.zeros(D),
        np.ones(D),
        tuple(rng.normal(size=(w, v)) * 1.5 / v**0.5 for v, w in pairwise(widths)),
        tuple(0.3 * rng.normal(size=w) for w in widths[1:]),
        2.0**-24,
    )


def about(device: str | None, norm: str = "linf") -> Localised:
    edge, raw = np.full(D, RADIUS), np.random.default_rng(1).normal(size=D)
    ball = Ball(norm, RADIUS)
    return localise(net(), raw, np.zeros(D), np.ones(D), np.arange(D), -edge, edge, ball, device)


@pytest.fixture
def all_on_device(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of functions in each pass, and send all of them to the device."""
    passes: list[int] = []

    def always(functions: int, shapes: object) -> bool:
        passes.append(functions)
        return True

    monkeypatch.setattr(of_local, "faster_on_gpu", always)
    return passes


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("device", DEVICES)
def test_bounds_from_a_device_hold_and_equal_those_of_numpy_up_to_rounding(
    device: str, norm: str, all_on_device: list[int]
) -> None:
    here, there = about(None, norm), about(device, norm)
    assert len(all_on_device) >= 2
    delta = np.random.default_rng(2).uniform(-1, 1, (300, D))
    order = 2 if norm == "l2" else np.inf
    delta *= RADIUS / np.linalg.norm(delta, ord=order, axis=1, keepdims=True)
    for z, (low, high), (least, most) in zip(
        hidden(there, delta), there.bounds, here.bounds, strict=True
    ):
        assert (z >= low).all()
        assert (z <= high).all()
        np.testing.assert_allclose(low, least, rtol=0, atol=1e-11)
        np.testing.assert_allclose(high, most, rtol=0, atol=1e-11)


@pytest.mark.parametrize("device", DEVICES)
def test_a_pass_on_a_device_takes_multipliers_and_slopes_of_its_own(device: str) -> None:
    local, rng, q, m = about(None), np.random.default_rng(3), 4, 5
    widths = [len(bias) for bias in local.net.biases]
    bounds = [tuple(np.repeat(edge, q, axis=0) for edge in pair) for pair in local.bounds]
    given = (
        local.net,
        rng.normal(size=(q, m, widths[-1])),
        rng.normal(size=(q, m)),
        [Relaxed.of(*pair) for pair in bounds],
        [rng.uniform(size=(q, m, w)) for w in widths],
        np.repeat(local.low[None], q, axis=0),
        np.repeat(local.high[None], q, axis=0),
        [rng.normal(size=(q, m, w)) for w in widths],
    )
    here, there = backward(*given), backward(*given, device=device)
    scale = np.abs(here.value).max()
    np.testing.assert_allclose(there.value, here.value, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(there.slope, here.slope, rtol=0, atol=1e-12 * scale)
    assert there.before == []
    assert [part.shape for part in here.before] == [(q, m, w) for w in widths]


def test_numpy_bounds_small_nets_and_huge_batches() -> None:
    layers = [(1024, 1024), (1024, 30)]
    assert not faster_on_gpu(256, [(128, 128), (128, 30)])
    assert not faster_on_gpu(2, layers)
    assert faster_on_gpu(1000, layers)
    assert not faster_on_gpu(1_000_000, layers)
