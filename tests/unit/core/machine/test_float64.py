"""Bounds are computed on a GPU only if it multiplies in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from genlabel_robust.core.machine import float64
from genlabel_robust.core.machine.float64 import multiplies_in_float64
from tests.needs_gpu import cuda

VARIABLE = "CUBLAS_EMULATE_DOUBLE_PRECISION"


@pytest.fixture
def nvidia(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulate a torch that is built for CUDA and has not tried a product yet."""
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.delenv(VARIABLE, raising=False)
    float64._loses_little.cache_clear()
    yield
    float64._loses_little.cache_clear()


def multiplying(
    monkeypatch: pytest.MonkeyPatch, rounded: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Make the device round numbers with ``rounded`` before it multiplies."""
    monkeypatch.setattr(float64, "_product", lambda a, b, device: rounded(a) @ rounded(b))


@pytest.mark.usefixtures("nvidia")
def test_float64_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    multiplying(monkeypatch, lambda x: x)
    assert multiplies_in_float64("cuda")
    assert multiplies_in_float64("cuda:1")


@pytest.mark.usefixtures("nvidia")
@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_only_cuda_is_asked(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    multiplying(monkeypatch, lambda x: x)
    assert not multiplies_in_float64(device)


def test_a_product_on_torch_loses_little() -> None:
    assert float64._loses_little.__wrapped__("cpu")


@pytest.mark.usefixtures("nvidia")
@pytest.mark.parametrize("bits", [24, 45])
def test_products_of_fewer_bits_are_noticed(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def rounded(x: np.ndarray) -> np.ndarray:
        mantissa, exponent = np.frexp(x)
        return np.ldexp(np.round(mantissa * 2.0**bits) / 2.0**bits, exponent)

    multiplying(monkeypatch, rounded)
    assert not multiplies_in_float64("cuda")


@pytest.mark.usefixtures("nvidia")
def test_products_of_fixed_point_numbers_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fixed(x: np.ndarray) -> np.ndarray:
        unit = 2.0**-53 * np.abs(x).max()
        return np.round(x / unit) * unit

    multiplying(monkeypatch, fixed)
    assert not multiplies_in_float64("cuda")


@pytest.mark.usefixtures("nvidia")
@pytest.mark.parametrize(("value", "trusted"), [("0", True), ("", True), ("1", False)])
def test_a_library_that_is_set_to_emulate_float64_is_not_trusted(
    value: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    multiplying(monkeypatch, lambda x: x)
    monkeypatch.setenv(VARIABLE, value)
    assert multiplies_in_float64("cuda") is trusted


@pytest.mark.usefixtures("nvidia")
def test_a_torch_for_another_maker_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    multiplying(monkeypatch, lambda x: x)
    monkeypatch.setattr(torch.version, "cuda", None)
    assert not multiplies_in_float64("cuda")


@cuda
def test_cuda_multiplies_in_float64() -> None:
    assert multiplies_in_float64("cuda")
