"""Storing torch modules: as weights if the architecture is registered, otherwise as ONNX."""

import copy
import json
import warnings

import torch
from torch import nn

from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.scratch import scratch_folder
from genlabel_robust.models import LOGISTIC, MLP
from genlabel_robust.models.nets.chain import is_plain_linear
from genlabel_robust.models.nets.plain_layers import plain_layers


def module_file(module: nn.Module, width: int) -> tuple[str, bytes]:
    """Return the file ending and content for a ``module`` (n, d) -> (n, k).

    ``width``: d. Linear layers with ReLUs between them are stored as safetensors, anything else
    as ONNX. torch's errors pass through if it cannot export the module.
    """
    layers = [module] if is_plain_linear(module) else plain_layers(module)
    if layers is not None and all(layer.weight.dtype == torch.float32 for layer in layers):
        return ".safetensors", _weights(layers)
    return ".onnx", _graph(module, width)


def _weights(layers: list[nn.Linear]) -> bytes:
    from safetensors.torch import save

    name = LOGISTIC.name if len(layers) == 1 else MLP.name
    tensors = {}
    for place, layer in enumerate(layers):
        for part in ("weight", "bias"):
            tensor = getattr(layer, part).detach().cpu().contiguous().clone()
            tensors[f"{place}.{part}"] = tensor
    return save(tensors, {"cell": json.dumps({"architecture": name})})


def _graph(module: nn.Module, width: int) -> bytes:
    """Return the ONNX graph that torch traces from a copy of ``module`` in evaluation mode."""
    model = copy.deepcopy(module).cpu().eval()
    types = (p.dtype for p in model.parameters() if p.is_floating_point())
    example = torch.zeros((2, width), dtype=next(types, torch.float32))
    rows = {"x": {0: "n"}, "scores": {0: "n"}}
    with scratch_folder() as folder, warnings.catch_warnings():
        path = folder / "model.onnx"
        warnings.simplefilter("ignore")  # only the deprecated exporter needs no other package
        torch.onnx.export(
            model,
            (example,),
            str(path),
            dynamo=False,
            input_names=["x"],
            output_names=["scores"],
            dynamic_axes=rows,
        )
        return file_bytes(path)
