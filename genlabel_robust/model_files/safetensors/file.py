"""Reading a safetensors file: the weights of a registered architecture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import ConfigurationError, UsageError, unknown_name
from genlabel_robust.data import Scaling
from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.data.scaling import stored_scaling
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.reading import Permission, Reading
from genlabel_robust.model_files.safetensors.layers import layers_of, numbers_of
from genlabel_robust.model_files.safetensors.net import restored, sizes_of
from genlabel_robust.models import ARCHITECTURES, TorchModel
from genlabel_robust.models.nets.architecture import resolve_architecture
from genlabel_robust.models.nets.chain import Chain, Layer

_ONE_LOGIT = (
    "The last layer of the model gives one output, which is read as a logit: above 0 means the "
    "second of the two classes, otherwise the first."
)
_FLOATS = {torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the ``TorchModel`` in a .safetensors file.

    The tensors "scaling.offset" and "scaling.scale" (d,), which runs store, scale raw features.
    Without them the net takes raw features. Raises ``ConfigurationError`` for any other file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(content)
    except (SafetensorError, KeyError, ValueError, OverflowError) as error:
        raise ConfigurationError(
            f"{path} is not a complete safetensors file: {' '.join(str(error).split())}"
        ) from error
    name, settings = _named(path, permission.architecture, content)
    if name is not None and not isinstance(ARCHITECTURES.load(name), Chain):
        return _other_net(path, name, settings, tensors)
    try:
        notes = _notes(tensors)
        arrays = {key: _array(key, tensor) for key, tensor in tensors.items()}
        stored = [arrays.pop(f"scaling.{part}", None) for part in ("offset", "scale", "fills")]
        layers = layers_of(arrays)
        found = _scaling(stored, len(layers[0][0]))
    except UnfitError as error:
        raise ConfigurationError(
            f"{path} does not contain a chain of linear layers: {error}"
        ) from error
    layers, one = _both(layers)
    architecture = _chain(path, name, layers)
    numbers = numbers_of(arrays)
    if not architecture.relu and numbers and max(np.diff(numbers), default=1) > 1:
        raise ConfigurationError(
            f"{path}: the numbers of its layers, {', '.join(map(str, numbers))}, show that there "
            f"are other layers between them, but {architecture.name!r} has none there; name the "
            "right architecture, such as --arch "
            f"{next(name for name, chain in _chains().items() if chain.relu)}"
        )
    model = TorchModel(architecture.module(layers), found, len(layers[-1][1]))
    return Reading(model, "safetensors", f"torch {torch.__version__}", notes + one)


def _other_net(
    path: Path, name: str, settings: dict[str, Any], tensors: dict[str, torch.Tensor]
) -> Reading:
    """Return the model of an architecture ``name`` that is not a chain of linear layers."""
    try:
        # counters, such as a batch norm's, are integers
        arrays = {
            key: _array(key, tensor) if tensor.is_floating_point() else tensor.numpy()
            for key, tensor in tensors.items()
        }
        stored = [arrays.pop(f"scaling.{part}", None) for part in ("offset", "scale", "fills")]
        net = resolve_architecture(name, _believable(settings, arrays))
        n_features, n_classes = sizes_of(net, arrays)
        scaling = _scaling(stored, n_features)
        model = TorchModel(restored(net, arrays, n_features, n_classes), scaling, n_classes)
    except (UnfitError, UsageError) as error:
        raise ConfigurationError(
            f"{path} does not contain the weights of a {name}: {error}"
        ) from error
    return Reading(model, "safetensors", f"torch {torch.__version__}", _notes(tensors))


def _both(layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """Return ``layers`` with one score per class, and a note if a single score was replaced.

    A single score z is a logit, as no activation follows the last layer, so the scores 0 and z
    give the same decisions.
    """
    weight, bias = layers[-1]
    if len(bias) != 1:
        return layers, ()
    both = (np.concatenate([0 * weight, weight], axis=1), np.concatenate([0 * bias, bias]))
    return (*layers[:-1], both), (_ONE_LOGIT,)


def _array(name: str, tensor: torch.Tensor) -> np.ndarray:
    """Return a tensor as float64; raises ``UnfitError`` unless all are finite float32 numbers."""
    if tensor.dtype is not torch.float32 and tensor.dtype not in _FLOATS:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise UnfitError(f"its tensor {name[:60]!r} is of type {kind}; it must be of floats")
    array = tensor.to(torch.float64).numpy()
    if not (np.abs(array) <= np.finfo(np.float32).max).all():
        raise UnfitError(f"its tensor {name[:60]!r} contains NaN or a number beyond float32")
    return array


def _notes(tensors: dict[str, torch.Tensor]) -> tuple[str, ...]:
    kinds = {t.dtype for name, t in tensors.items() if not name.startswith("scaling.")}
    found = sorted(_FLOATS[kind] for kind in kinds if kind in _FLOATS)
    if not found:
        return ()
    said = "rounded to float32, the type in which models are computed here"
    other = (
        "read as float32: the model computes in float32 here, not in the type in which it was "
        "stored"
    )
    return tuple(
        f"Weights of type {kind} were {said if kind == 'float64' else other}." for kind in found
    )


def _scaling(stored: Sequence[np.ndarray | None], d: int) -> Scaling:
    """Return the scaling; ``stored``: offset, scale and fills, each None if the file lacks it."""
    offset, scale, fills = stored
    if offset is None and scale is None:
        return identity_scaling(d)
    if offset is None or scale is None:
        raise UnfitError("it has only one of scaling.offset and scaling.scale")
    if offset.shape != (d,) or scale.shape != (d,) or not (scale > 0).all():
        raise UnfitError(f"its scaling must have {d} features, each with a scale above 0")
    return stored_scaling(offset, scale, fills)


def _named(path: Path, named: str | None, content: bytes) -> tuple[str | None, dict[str, Any]]:
    """Return the architecture that the caller or the file names, and its stored settings."""
    if named is not None and named not in ARCHITECTURES:
        raise unknown_name("architecture", named, ARCHITECTURES)
    stored, settings = _stored(content)
    if named and stored and named != stored:
        raise ConfigurationError(
            f"{path} says that its weights are of {stored!r}, but --arch says {named!r}"
        )
    return named or stored, settings


def _stored(content: bytes) -> tuple[str | None, dict[str, Any]]:
    """Return the architecture and settings that a run stored with the weights, if any."""
    header = content[8 : 8 + int.from_bytes(content[:8], "little")]
    text: Any = json.loads(header).get("__metadata__", {}).get("cell")
    try:
        cell = json.loads(text)
        name, settings = cell["architecture"], cell.get("settings", {}).get("architecture", {})
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return None, {}
    if name not in ARCHITECTURES:
        return None, {}
    return name, settings if isinstance(settings, dict) else {}


def _believable(settings: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return ``settings``; raises ``UnfitError`` if a number exceeds the number of weights."""
    most = sum(array.size for array in arrays.values())
    for setting, value in settings.items():
        if any(isinstance(n, int | float) and n > most for n in np.ravel(value).tolist()):
            raise UnfitError(f"its setting {setting[:60]!r} is larger than {most} weights allow")
    return settings


def _chains() -> dict[str, Chain]:
    loaded = {name: ARCHITECTURES.load(name) for name in ARCHITECTURES}
    return {name: found for name, found in loaded.items() if isinstance(found, Chain)}


def _chain(path: Path, name: str | None, layers: tuple[Layer, ...]) -> Chain:
    """Return the chain architecture with the widths of ``layers``."""
    chains = _chains()
    if name is None and len(layers) == 1:
        name = next(n for n, chain in chains.items() if not chain.widths)
    if name is None:
        deep = [n for n, chain in chains.items() if chain.widths]
        raise ConfigurationError(
            f"{path} contains {len(layers)} linear layers, but does not say what is between them; "
            f"name the architecture: --arch {' or --arch '.join(deep)}"
        )
    widths = tuple(len(bias) for _, bias in layers[:-1])
    if bool(widths) != bool(chains[name].widths):
        linear = "one linear layer" if not chains[name].widths else "two linear layers or more"
        raise ConfigurationError(
            f"{path} contains {len(layers)} linear layers, but {name!r} has {linear}"
        )
    return chains[name].with_widths(widths) if widths else chains[name]
