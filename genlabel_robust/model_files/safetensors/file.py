"""Weights without code, of one of the architectures here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.reading import Foreign, Permission
from genlabel_robust.model_files.safetensors.layers import layers_of, numbers_of
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.architecture import Architecture, Layer
from genlabel_robust.models.model import TorchModel

_ONE_LOGIT = (
    "Its last layer gives one output, which is a logit, as nothing follows it: above 0 for the "
    "second of the two classes, and else for the first."
)
_FLOATS = {torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}


def read(path: Path, content: bytes, permission: Permission) -> Foreign:
    """Return the ``TorchModel`` of a .safetensors; raises ``ConfigurationError``.

    "scaling.offset" and "scaling.scale" (d,), as runs store them, are applied to raw
    features; without them the weights are of raw features.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(content)
    except (SafetensorError, KeyError, ValueError, OverflowError) as error:
        raise ConfigurationError(
            f"{path} is no whole safetensors file: {' '.join(str(error).split())}"
        ) from error
    try:
        notes = _notes(tensors)
        arrays = {name: _array(name, tensor) for name, tensor in tensors.items()}
        offset, scale = (arrays.pop(f"scaling.{part}", None) for part in ("offset", "scale"))
        layers = layers_of(arrays)
        found = _scaling(offset, scale, len(layers[0][0]))
    except UnfitError as error:
        raise ConfigurationError(
            f"{path} does not hold a chain of linear layers: {error}"
        ) from error
    layers, one = _both(layers)
    architecture = _architecture(path, permission.architecture, _stored(content), layers)
    numbers = numbers_of(arrays)
    if not architecture.relu and numbers and max(np.diff(numbers), default=1) > 1:
        raise ConfigurationError(
            f"{path}: between its layers {', '.join(map(str, numbers))} there is room for others, "
            f"and {architecture.name!r} has none there; name the architecture that they are of, "
            "such as --arch mlp"
        )
    model = TorchModel(architecture.module(layers), found, len(layers[-1][1]))
    return Foreign(model, "safetensors", f"torch {torch.__version__}", notes + one)


def _both(layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """Return ``layers`` that give a score for each class, and the note that one was made of two.

    One score z is a logit, as nothing follows the last layer: 0 and z decide as it does.
    """
    weight, bias = layers[-1]
    if len(bias) != 1:
        return layers, ()
    both = (np.concatenate([0 * weight, weight], axis=1), np.concatenate([0 * bias, bias]))
    return (*layers[:-1], both), (_ONE_LOGIT,)


def _array(name: str, tensor: torch.Tensor) -> np.ndarray:
    """Return a tensor's numbers; raises ``UnfitError`` where they are none."""
    if tensor.dtype is not torch.float32 and tensor.dtype not in _FLOATS:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise UnfitError(f"its tensor {name[:60]!r} is of type {kind}; it must be of floats")
    array = tensor.to(torch.float64).numpy()
    if not (np.abs(array) <= np.finfo(np.float32).max).all():
        raise UnfitError(f"its tensor {name[:60]!r} holds NaN, or a number beyond float32")
    return array


def _notes(tensors: dict[str, torch.Tensor]) -> tuple[str, ...]:
    kinds = {t.dtype for name, t in tensors.items() if not name.startswith("scaling.")}
    found = sorted(_FLOATS[kind] for kind in kinds if kind in _FLOATS)
    if not found:
        return ()
    said = "rounded to float32, as models here compute in it"
    other = "read as float32, in which the model computes here, not in the type it was stored in"
    return tuple(
        f"Weights of type {kind} were {said if kind == 'float64' else other}." for kind in found
    )


def _scaling(offset: np.ndarray | None, scale: np.ndarray | None, d: int) -> Scaling:
    if offset is None and scale is None:
        return identity_scaling(d)
    if offset is None or scale is None:
        raise UnfitError("of scaling.offset and scaling.scale it has only one")
    if offset.shape != (d,) or scale.shape != (d,) or not (scale > 0).all():
        raise UnfitError(f"its scaling is not of {d} features, each with a scale above 0")
    return Scaling("stored", offset, scale)


def _stored(content: bytes) -> str | None:
    """Return the architecture that a run wrote next to its weights, None if there is none."""
    header = content[8 : 8 + int.from_bytes(content[:8], "little")]
    cell: Any = json.loads(header).get("__metadata__", {}).get("cell")
    try:
        name = json.loads(cell)["architecture"]
    except (TypeError, ValueError, KeyError, RecursionError):
        return None
    return name if name in ARCHITECTURES else None


def _architecture(
    path: Path, named: str | None, stored: str | None, layers: tuple[Layer, ...]
) -> Architecture:
    """Return the architecture with these layers' widths."""
    if named is not None and named not in ARCHITECTURES:
        raise unknown_name("architecture", named, ARCHITECTURES)
    if named and stored and named != stored:
        raise ConfigurationError(
            f"{path} says itself that its weights are of {stored!r}, and --arch says {named!r}"
        )
    name = named or stored or ("logistic" if len(layers) == 1 else None)
    if name is None:
        raise ConfigurationError(
            f"{path} holds {len(layers)} linear layers, and does not say what is between them; "
            f"name it: --arch {' or --arch '.join(n for n in ARCHITECTURES if n != 'logistic')}"
        )
    architecture: Architecture = ARCHITECTURES.load(name)
    widths = tuple(len(bias) for _, bias in layers[:-1])
    if bool(widths) != bool(architecture.widths):
        one = "one linear layer" if not architecture.widths else "two linear layers or more"
        raise ConfigurationError(
            f"{path} holds {len(layers)} linear layers, and {name!r} has {one}"
        )
    return architecture.with_widths(widths) if widths else architecture
