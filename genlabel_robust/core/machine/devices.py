"""Where torch computes: the processor, or a device beside it."""

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.machine.float32 import products_are_less

#: What ``auto`` tries, in this order, before the processor.
_BESIDE = ("cuda", "mps")


def chosen_device(name: str) -> str:
    """Return the device that ``name`` is: itself, or for "auto" the first that works here.

    The first of its kind has one name, as runs are told apart by it: "cuda:0" is "cuda".
    """
    if name != "auto":
        return name.removesuffix(":0")
    return next((device for device in _BESIDE if _fault(device) is None), "cpu")


def refuse_unusable(name: str) -> None:
    """Raise ``ConfigurationError`` for a device that does not compute here in float32."""
    if (fault := _fault(name)) is None:
        return
    raise ConfigurationError(
        f"device {name!r} cannot be used: {fault}; use cpu, cuda, mps, or auto for the first of "
        "cuda and mps that works here"
    )


def device_name(name: str) -> str:
    """Return ``name`` and what its hardware calls itself, such as "cuda (NVIDIA H100)"."""
    import torch

    if not name.startswith("cuda") or not torch.cuda.is_available():
        return name
    return f"{name} ({torch.cuda.get_device_name(name)})"


def _fault(name: str) -> str | None:
    """Return why torch cannot compute on the device ``name``, None if it can."""
    import torch

    try:
        # and back: the device "meta" takes everything and returns nothing
        torch.ones(1, device=name).add(1).cpu()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].rstrip(".")
    if torch.device(name).type == "cuda" and products_are_less():
        return "torch is set to multiply with less precision than float32, which changes the model"
    return None
