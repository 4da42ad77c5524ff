"""A chain of linear layers, put together from named tensors."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from genlabel_robust.core import Float32Array
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.models.nets.chain import Layer

_NUMBER = re.compile(r"[0-9]{1,9}")
#: The maximum number of unnumbered layers, whose order is searched by their shapes.
_MOST = 12


def layers_of(tensors: Mapping[str, np.ndarray]) -> tuple[Layer, ...]:
    """Return the layers in order.

    ``tensors``: for each layer a "….weight" (out, in), as in torch, and optionally a "….bias"
    (out,), which is 0 otherwise. The layers must be numbered, such as "net.0" and "net.2", or
    their widths must fit together in only one order. Raises ``UnfitError`` for anything else.
    """
    found = {name: _layer(name, tensors) for name in _names(tensors)}
    if not found:
        raise UnfitError("it contains no weights of a layer")
    layers = tuple(found[name] for name in _in_order(found))
    for (weight, _), (after, _) in pairwise(layers):
        if weight.shape[1] != len(after):
            raise UnfitError(
                f"its layers do not fit together: one layer returns {weight.shape[1]} values, but "
                f"the next takes {len(after)}"
            )
    return layers


def numbers_of(tensors: Mapping[str, np.ndarray]) -> tuple[int, ...] | None:
    """Return the layers' numbers in ascending order, or None if the names have none ("net.0")."""
    numbers = _numbers(_names(tensors))
    return None if numbers is None else tuple(sorted(numbers.values()))


def _names(tensors: Mapping[str, np.ndarray]) -> list[str]:
    """Return the layer names: the tensor names without ".weight" and ".bias"."""
    names = {}
    for tensor in tensors:
        name, _, end = tensor.rpartition(".")
        if end not in ("weight", "bias") or not name or f"{name}.weight" not in tensors:
            raise UnfitError(
                f"it has a tensor {tensor[:60]!r}, which does not belong to a chain of layers"
            )
        names[name] = True
    return list(names)


def _layer(name: str, tensors: Mapping[str, np.ndarray]) -> Layer:
    weight = tensors[f"{name}.weight"]
    if weight.ndim != 2 or 0 in weight.shape:
        raise UnfitError(
            f"the weight of {name[:60]!r} has shape {weight.shape}; it must be (out, in)"
        )
    bias = tensors.get(f"{name}.bias", np.zeros(len(weight)))
    if bias.shape != (len(weight),):
        raise UnfitError(
            f"the bias of {name[:60]!r} has shape {bias.shape}; it must be ({len(weight)},)"
        )
    return _single(weight.T), _single(bias)


def _single(values: np.ndarray) -> Float32Array:
    found: Float32Array = np.ascontiguousarray(values, dtype=np.float32)
    return found


def _in_order(layers: Mapping[str, Layer]) -> list[str]:
    numbers = _numbers(list(layers))
    if numbers is not None:
        return sorted(layers, key=lambda name: numbers[name])
    shapes = {name: weight.shape for name, (weight, _) in layers.items()}
    ways = _chains([], list(shapes), shapes) if len(layers) <= _MOST else iter(())
    found, another = next(ways, None), next(ways, None)
    if found is None or another is not None:
        raise UnfitError(
            f"the order of its layers {', '.join(list(layers)[:6])} is not clear; number them as "
            "torch.nn.Sequential does, from the first: '0.weight', '2.weight'"
        )
    return found


def _numbers(names: list[str]) -> dict[str, int] | None:
    """Return layer -> number if the names differ in a single number only, else None."""
    parts = [_NUMBER.split(name) for name in names]
    if len({tuple(part) for part in parts}) > 1:
        return None
    columns = list(zip(*(map(int, _NUMBER.findall(name)) for name in names), strict=True))
    varying = [column for column in columns if len(set(column)) > 1]
    if len(names) > 1 and (len(varying) != 1 or len(set(varying[0])) < len(names)):
        return None
    chosen = varying[0] if varying else [0] * len(names)
    return dict(zip(names, chosen, strict=True))


def _chains(
    before: list[str], rest: list[str], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[list[str]]:
    """Yield ``before`` plus each order of ``rest`` in which every layer fits the one before it."""
    if not rest:
        yield before
    for name in rest:
        if not before or shapes[before[-1]][1] == shapes[name][0]:
            yield from _chains([*before, name], [r for r in rest if r != name], shapes)
