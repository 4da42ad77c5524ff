"""Products of float32 on CUDA, which torch may be set to compute from numbers of fewer bits."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

#: What torch from 2.9 on calls no setting, and float32.
_FLOAT32 = ("none", "ieee")


def products_are_less() -> bool:
    """Say whether torch is set to multiply matrices of float32 on CUDA in less than that."""
    import torch

    # the older name raises an error once the newer one was set
    told = getattr(torch.backends.cuda.matmul, "fp32_precision", None)
    if told is None:
        return torch.get_float32_matmul_precision() != "highest"
    return told not in _FLOAT32


def in_float32(device: Any) -> AbstractContextManager[None]:
    """Have convolutions and recurrent layers compute in float32 inside, on the torch device CUDA.

    Unless told otherwise, torch computes them there from numbers of 10 bits, which is another
    model. The setting is as before after it.
    """
    return _in_float32() if device.type == "cuda" else nullcontext()


@contextmanager
def _in_float32() -> Iterator[None]:
    import torch

    cudnn: Any = torch.backends.cudnn
    where: list[Any] = [cudnn]
    name: str = "allow_tf32"
    value: Any = False
    if hasattr(cudnn, "conv"):  # since torch 2.9
        where, name, value = [cudnn.conv, cudnn.rnn], "fp32_precision", "ieee"
    before = [getattr(one, name) for one in where]
    for one in where:
        setattr(one, name, value)
    try:
        yield
    finally:
        for one, was in zip(where, before, strict=True):
            setattr(one, name, was)
