"""Fully connected architectures: how they are described, initialised and built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.arrays import Float32Array
from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.models import ARCHITECTURES

#: One layer's weight (in, out) and bias (out,).
Layer = tuple[Float32Array, Float32Array]


@dataclass(frozen=True)
class Architecture:
    """A chain of linear layers d -> widths... -> k, with or without ReLU between them.

    ``learning_rate``: the default for Adam where none is set. Raises
    ``ConfigurationError`` if a width is not a whole number above 0.
    """

    name: str
    widths: tuple[int, ...]
    relu: bool
    learning_rate: float

    def __post_init__(self) -> None:
        for width in self.widths:
            if not isinstance(width, int) or isinstance(width, bool) or width < 1:
                raise ConfigurationError(
                    f"architecture {self.name!r}: width {width!r}; widths are whole numbers above 0"
                )

    def with_widths(self, widths: tuple[int, ...]) -> Architecture:
        """Return the same architecture with other hidden widths."""
        if not self.widths:
            raise ConfigurationError(f"architecture {self.name!r} has no hidden layers to set")
        if not widths:
            raise ConfigurationError(
                f"architecture {self.name!r}: widths is empty; give one or more, or use 'logistic'"
            )
        return replace(self, widths=tuple(widths))

    def initialise(
        self, n_features: int, n_classes: int, rng: np.random.Generator
    ) -> tuple[Layer, ...]:
        """Draw the layers: uniform on ±1/sqrt(fan in), torch's default for linear layers."""
        sizes = (n_features, *self.widths, n_classes)
        layers = []
        for fan_in, fan_out in pairwise(sizes):
            bound = fan_in**-0.5
            weight = rng.uniform(-bound, bound, (fan_in, fan_out)).astype(np.float32)
            bias = rng.uniform(-bound, bound, fan_out).astype(np.float32)
            layers.append((weight, bias))
        return tuple(layers)

    def module(self, layers: tuple[Layer, ...]) -> nn.Sequential:
        """Build the module (n, d) -> logits (n, k) that has these layers, in eval mode."""
        modules: list[nn.Module] = []
        for index, (weight, bias) in enumerate(layers):
            linear = _Linear(len(weight), len(bias))
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
                linear.bias.copy_(torch.from_numpy(bias))
            modules.append(linear)
            if self.relu and index < len(layers) - 1:
                modules.append(nn.ReLU())
        return nn.Sequential(*modules).eval()


class _Linear(nn.Linear):
    """A linear layer that draws no weights: that would use torch's global random state."""

    def reset_parameters(self) -> None:
        """Leave the memory as it is; the caller fills it."""


LOGISTIC = Architecture("logistic", (), relu=False, learning_rate=0.1)
LINEAR3 = Architecture("linear3", (128, 128), relu=False, learning_rate=0.01)
MLP = Architecture("mlp", (128, 128), relu=True, learning_rate=0.01)


def resolve_architecture(name: str, settings: Mapping[str, Any]) -> Architecture:
    """Return the registered architecture ``name`` with its ``settings``."""
    architecture: Architecture = ARCHITECTURES.load(name)
    for setting in settings:
        if setting != "widths":
            raise unknown_name(f"setting of architecture {name!r}", setting, ["widths"])
    if "widths" not in settings:
        return architecture
    widths = settings["widths"]
    if not isinstance(widths, list | tuple):
        raise ConfigurationError(
            f"architecture {name!r}: widths is {widths!r}; it must be a list, such as [64, 64]"
        )
    return architecture.with_widths(tuple(widths))
