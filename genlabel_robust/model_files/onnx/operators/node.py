"""A node of an ONNX graph, independent of protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Unconverted(Exception):  # noqa: N818 - a finding that becomes a note, not an error
    """A node whose attributes the conversion to torch does not support; the text is a clause."""


@dataclass(frozen=True, eq=False)
class Node:
    """An operator with the names of its inputs and outputs, and its attributes.

    ``operator``: its name, with its domain in front unless that is ONNX's default. ``inputs``: ""
    for an optional input that is left out. ``opset``: the version of the operator set.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int

    def get(self, name: str, default: Any) -> Any:
        """Return the attribute ``name``, or ``default`` if the node does not have it."""
        return self.attributes.get(name, default)
