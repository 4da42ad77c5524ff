"""A node of an ONNX graph, apart from protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Unconverted(Exception):  # noqa: N818 - a finding that becomes a note, not an error
    """A node whose attributes are none that the conversion to torch knows; why, half a sentence."""


@dataclass(frozen=True, eq=False)
class Node:
    """An operator, the names of its inputs ("" for one left out) and outputs, its attributes.

    ``operator``: its name, after its domain unless that is one of ONNX's own.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int

    def get(self, name: str, default: Any) -> Any:
        """Return the attribute ``name``."""
        return self.attributes.get(name, default)
