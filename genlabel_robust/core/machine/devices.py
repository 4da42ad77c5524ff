"""The device on which torch computes: the CPU or an accelerator."""

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.machine.float32 import products_are_less

#: The devices that ``auto`` tries, in this order, before the CPU.
_BESIDE = ("cuda", "mps")


def chosen_device(name: str) -> str:
    """Return the device for ``name``; for "auto" the first one that works on this machine.

    The first device of a kind has only one name, because device names distinguish runs: "cuda:0"
    becomes "cuda".
    """
    if name != "auto":
        return name.removesuffix(":0")
    return next((device for device in _BESIDE if _fault(device) is None), "cpu")


def refuse_unusable(name: str) -> None:
    """Raise ``ConfigurationError`` if the device cannot compute in float32 here."""
    if (fault := _fault(name)) is None:
        return
    raise ConfigurationError(
        f"device {name!r} cannot be used: {fault}; use cpu, cuda, mps, or auto for the first of "
        "cuda and mps that works here"
    )


def device_name(name: str) -> str:
    """Return ``name`` together with its hardware's name, such as "cuda (NVIDIA H100)"."""
    import torch

    if not name.startswith("cuda") or not torch.cuda.is_available():
        return name
    return f"{name} ({torch.cuda.get_device_name(name)})"


def _fault(name: str) -> str | None:
    """Return why torch cannot compute on the device ``name``, None if it can."""
    import torch

    try:
        # copied back: the device "meta" accepts everything and computes nothing
        torch.ones(1, device=name).add(1).cpu()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].rstrip(".")
    if torch.device(name).type == "cuda" and products_are_less():
        return "torch is set to multiply with less precision than float32, which changes the model"
    return None
