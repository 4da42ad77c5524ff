"""Fully connected nets: description, initialisation, construction and extraction of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import ConfigurationError, Float32Array, unknown_name
from genlabel_robust.models.nets.architecture import Architecture

#: The weight (in, out) and the bias (out,) of one layer.
Layer = tuple[Float32Array, Float32Array]


@dataclass(frozen=True)
class Chain(Architecture):
    """A chain of linear layers d -> widths... -> k, with or without ReLUs between them.

    ``learning_rate``: the default for Adam if none is set. Raises ``ConfigurationError`` if a width
    is not a whole number above 0.
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

    def with_widths(self, widths: tuple[int, ...]) -> Chain:
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
        """Build the module (n, d) -> logits (n, k) with these layers, in evaluation mode."""
        net = self._unfilled([len(layers[0][0]), *(len(bias) for _, bias in layers)])
        linear = [part for part in net if isinstance(part, nn.Linear)]
        for part, (weight, bias) in zip(linear, layers, strict=True):
            with torch.no_grad():
                part.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
                part.bias.copy_(torch.from_numpy(bias))
        return net.eval()

    def net(self, n_features: int, n_classes: int) -> nn.Sequential:
        """Return the net with weights initialised by torch."""
        net = self._unfilled([n_features, *self.widths, n_classes])
        for part in net:
            if isinstance(part, nn.Linear):
                nn.Linear.reset_parameters(part)
        return net

    def draw(self, n_features: int, n_classes: int, rng: np.random.Generator) -> nn.Sequential:
        """Return the module of the layers that ``initialise`` draws."""
        return self.module(self.initialise(n_features, n_classes, rng))

    def configured(self, settings: Mapping[str, Any]) -> Chain:
        """Return the same architecture with its only setting, ``widths``."""
        for setting in settings:
            if setting != "widths":
                raise unknown_name("setting", setting, ["widths"], of=f"architecture {self.name!r}")
        if "widths" not in settings:
            return self
        widths = settings["widths"]
        if not isinstance(widths, list | tuple):
            raise ConfigurationError(
                f"architecture {self.name!r}: widths is {widths!r}; it must be a list, such as "
                "[64, 64]"
            )
        return self.with_widths(tuple(widths))

    def _unfilled(self, sizes: Sequence[int]) -> nn.Sequential:
        """Return layers between consecutive ``sizes``, with uninitialised memory."""
        modules: list[nn.Module] = []
        for width, after in pairwise(sizes):
            modules += [nn.ReLU()] if modules and self.relu else []
            modules.append(_Linear(width, after))
        return nn.Sequential(*modules)


class _Linear(nn.Linear):
    """A linear layer that draws no weights, which would use torch's global random state."""

    def reset_parameters(self) -> None:
        """Leave the memory uninitialised; the caller fills it."""


def is_plain_linear(module: nn.Module) -> TypeGuard[nn.Linear]:
    """Return whether ``module`` is an unmodified linear layer with a bias."""
    return type(module) in (nn.Linear, _Linear) and module.bias is not None


def layers_of(net: nn.Module) -> tuple[Layer, ...]:
    """Return the linear layers of a chain's ``net`` as new arrays."""
    return tuple(
        (
            np.ascontiguousarray(linear.weight.detach().cpu().numpy().T),
            linear.bias.detach().cpu().numpy().copy(),
        )
        for linear in net.children()
        if isinstance(linear, nn.Linear)
    )


LOGISTIC = Chain("logistic", (), relu=False, learning_rate=0.1)
LINEAR3 = Chain("linear3", (128, 128), relu=False, learning_rate=0.01)
MLP = Chain("mlp", (128, 128), relu=True, learning_rate=0.01)
