"""ONNX operators that reshape, select or cast, in torch."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from genlabel_robust.model_files.onnx.operators.node import Node, Unconverted

#: ONNX's number of an element type -> the torch type.
_TYPES: Mapping[int, torch.dtype] = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    5: torch.int16,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
    16: torch.bfloat16,
}


def axes_of(node: Node, axes: Tensor | None) -> list[int]:
    """Return the axes from the input ``axes``, or from the attribute in older operator sets."""
    found = node.get("axes", ()) if axes is None else axes.tolist()
    return [int(axis) for axis in found]


def _cast(node: Node, x: Tensor) -> Tensor:
    wanted = node.get("to", 0)
    if wanted not in _TYPES:
        raise Unconverted(f"its graph casts to the type {wanted}, which is not a type of numbers")
    return x.to(_TYPES[wanted])


def _reshape(node: Node, x: Tensor, shape: Tensor | None = None) -> Tensor:
    wanted = node.get("shape", ()) if shape is None else shape.tolist()
    copied = not node.get("allowzero", 0)
    sizes = [x.shape[i] if size == 0 and copied else size for i, size in enumerate(wanted)]
    return x.reshape(sizes)


def _flatten(node: Node, x: Tensor) -> Tensor:
    axis = node.get("axis", 1)
    rows = x.shape[: axis if axis >= 0 else x.ndim + axis].numel()
    return x.reshape(rows, -1)


def _squeeze(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    dims = axes_of(node, axes)
    return x.squeeze(tuple(dims)) if dims else x.squeeze()


def _unsqueeze(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    dims = axes_of(node, axes)
    rank = x.ndim + len(dims)
    for axis in sorted(axis % rank for axis in dims):
        x = x.unsqueeze(axis)
    return x


def _transpose(node: Node, x: Tensor) -> Tensor:
    return x.permute(list(node.get("perm", range(x.ndim)[::-1])))


def _expand(_: Node, x: Tensor, shape: Tensor) -> Tensor:
    # ONNX broadcasts both ways: the shape may be smaller than x in some dimensions
    wanted: Any = torch.broadcast_tensors  # torch declares no types for it
    return x.expand(wanted(x, x.new_empty(shape.tolist()))[0].shape)


def _slice(node: Node, x: Tensor, *bounds: Tensor | None) -> Tensor:
    inputs = [None if bound is None else bound.tolist() for bound in bounds] + [None] * 4
    starts = node.get("starts", ()) if inputs[0] is None else inputs[0]
    ends = node.get("ends", ()) if inputs[1] is None else inputs[1]
    axes = node.get("axes", range(len(starts))) if inputs[2] is None else inputs[2]
    steps = [1] * len(starts) if inputs[3] is None else inputs[3]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        # a backward slice that reaches the first element has the end None in Python
        kept = range(*slice(start, end, step).indices(x.shape[axis]))
        x = x.index_select(axis, torch.tensor(list(kept), dtype=torch.int64))
    return x


def _gather(node: Node, x: Tensor, indices: Tensor) -> Tensor:
    axis = node.get("axis", 0) % x.ndim
    flat = indices.flatten().long() % x.shape[axis]
    sizes = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    return x.index_select(axis, flat).reshape(sizes)


def _split(node: Node, x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
    axis = node.get("axis", 0)
    sections = node.get("split", None) if sizes is None else sizes.tolist()
    if sections is None:  # equal parts; the last may be smaller
        sections = -(-x.shape[axis] // len(node.outputs))
    return tuple(torch.split(x, sections, dim=axis))


def _shape(node: Node, x: Tensor) -> Tensor:
    return torch.tensor(list(x.shape)[node.get("start", 0) : node.get("end", None)])


SHAPES: Mapping[str, Callable[..., Any]] = {
    "Cast": _cast,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Concat": lambda node, *tensors: torch.cat(tensors, dim=node.get("axis", 1)),
    "Expand": _expand,
    "Slice": _slice,
    "Gather": _gather,
    "Split": _split,
    "Shape": _shape,
}
