"""Settings of torch that lower the precision of float32 products, and exact convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from genlabel_robust.core import ConfigurationError
from genlabel_robust.core.machine.devices import refuse_unusable
from genlabel_robust.core.machine.float32 import in_float32, products_are_less
from tests.needs_gpu import cuda

new_names = pytest.mark.skipif(
    not hasattr(torch.backends.cudnn, "conv"), reason="torch before 2.9 has no such setting"
)

MATMUL, CUDNN = torch.backends.cuda.matmul, torch.backends.cudnn


@pytest.fixture
def as_before() -> Iterator[None]:
    yield
    torch.set_float32_matmul_precision("highest")
    if hasattr(CUDNN, "conv"):
        torch.backends.fp32_precision = MATMUL.fp32_precision = "none"
    assert torch.get_float32_matmul_precision() == "highest"


@pytest.mark.parametrize("told", ["highest", "high", "medium"])
def test_products_of_fewer_bits_are_seen(told: str, as_before: None) -> None:
    torch.set_float32_matmul_precision(told)
    assert products_are_less() is (told != "highest")


def test_products_of_fewer_bits_are_seen_by_their_oldest_name(as_before: None) -> None:
    assert not products_are_less()
    MATMUL.allow_tf32 = True
    assert products_are_less()


@new_names
@pytest.mark.parametrize("of", [MATMUL, torch.backends])
@pytest.mark.parametrize("told", ["ieee", "tf32"])
def test_products_of_fewer_bits_are_seen_by_their_newest_names(
    of: Any, told: str, as_before: None
) -> None:
    of.fp32_precision = told
    assert products_are_less() is (told == "tf32")


def test_a_device_that_multiplies_in_less_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlabel_robust.core.machine.devices.products_are_less", lambda: True)
    refuse_unusable("cpu")
    on_processor = torch.ones
    monkeypatch.setattr(torch, "ones", lambda *shape, device: on_processor(*shape))
    with pytest.raises(ConfigurationError, match="multiply with less precision than float32"):
        refuse_unusable("cuda")


def settings() -> tuple[object, ...]:
    if hasattr(CUDNN, "conv"):
        return CUDNN.conv.fp32_precision, CUDNN.rnn.fp32_precision
    return (CUDNN.allow_tf32,)


def test_convolutions_are_in_float32_inside_and_as_before_after_it() -> None:
    before = settings()
    with in_float32(torch.device("cuda")):
        assert set(settings()) <= {"ieee", False}
    assert settings() == before
    with pytest.raises(KeyError), in_float32(torch.device("cuda")):
        raise KeyError
    assert settings() == before
    with in_float32(torch.device("cpu")):
        assert settings() == before


@cuda
def test_convolutions_on_cuda_are_the_processors_but_for_rounding() -> None:
    torch.manual_seed(0)
    layer, x = torch.nn.Conv1d(64, 64, 5), torch.randn(256, 64, 30)
    with torch.no_grad():
        exact = layer.double()(x.double())
        layer = layer.float().to("cuda")
        with in_float32(torch.device("cuda")):
            found = layer(x.to("cuda")).cpu().double()
    assert (found - exact).abs().max() < 1e-5
