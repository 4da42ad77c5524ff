"""Full float32 precision on CUDA, where torch may be set to use fewer bits, as in TF32."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

#: The names that torch 2.9 and later use for "not set" and for float32.
_FLOAT32 = ("none", "ieee")


def products_are_less() -> bool:
    """Return whether torch multiplies float32 matrices on CUDA in lower precision."""
    import torch

    # reading the older name raises an error once the newer one is set
    precision = getattr(torch.backends.cuda.matmul, "fp32_precision", None)
    if precision is None:
        return torch.get_float32_matmul_precision() != "highest"
    return precision not in _FLOAT32


def in_float32(device: Any) -> AbstractContextManager[None]:
    """Run convolutions and recurrent layers on CUDA in full float32 inside the context.

    By default, torch computes them from inputs with 10 bits of mantissa (TF32), which amounts to
    another model. The previous setting is restored afterwards.
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
