"""Models from elsewhere, queried on an accelerator."""

import copy
from dataclasses import replace

from genlabel_robust.core import ConfigurationError
from genlabel_robust.models.adapters.one_output import OneOutput
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.model import Model, TorchModel
from genlabel_robust.models.wrapped import Wrapped


def device_of(model: Model) -> str:
    """Return the device on which the nets of ``model`` compute; "cpu" for any other model.

    If a module is on several devices, that of its first parameters counts, where its input goes.
    """
    if isinstance(model, TorchModel):
        return model.device
    if isinstance(model, ModuleAdapter):
        return str(model.device)
    if isinstance(model, Wrapped | OneOutput):
        return device_of(model.model)
    return "cpu"


def on_device(model: Model, device: str) -> Model:
    """Return ``model`` with its nets on ``device``; the caller's own model is not moved.

    "cpu" leaves a module on its device. Raises ``ConfigurationError`` for a model whose own library
    computes its answers.
    """
    if device == "cpu":
        return model
    if isinstance(model, TorchModel):
        return replace(model, module=copy.deepcopy(model.module).to(device), device=device)
    if isinstance(model, ModuleAdapter):
        wide = None if model.wide is None else copy.deepcopy(model.wide).to(device)
        return replace(model, module=copy.deepcopy(model.module).to(device), wide=wide)
    if isinstance(model, Wrapped | OneOutput):
        return replace(model, model=on_device(model.model, device))
    raise ConfigurationError(
        f"device {device!r} cannot be used for this model: it is not a torch module, and its own "
        "library runs it on the CPU; leave out --device"
    )
