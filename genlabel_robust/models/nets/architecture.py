"""The base class of architectures: named recipes for nets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import ConfigurationError, generator, unknown_name
from genlabel_robust.models import ARCHITECTURES

#: Fields of an architecture that are not settings.
_DESCRIPTION = ("name", "learning_rate")


class Architecture(ABC):
    """A recipe for a net; a subclass sets ``name`` and ``learning_rate``, and defines ``net``.

    ``learning_rate``: the default for Adam. If the subclass is a frozen dataclass, its other fields
    are its settings. Latent strategies need a ``torch.nn.Sequential`` that ends in a linear layer.
    Models of a ``Chain`` are trained together, others one by one.
    """

    name: str
    learning_rate: float

    @abstractmethod
    def net(self, n_features: int, n_classes: int) -> nn.Module:
        """Return a module (n, d) float32 -> logits (n, k), with weights initialised by torch.

        A row's logits in evaluation mode must not depend on the other rows.
        """

    def draw(self, n_features: int, n_classes: int, rng: np.random.Generator) -> nn.Module:
        """Return a new ``net`` in evaluation mode; only ``rng`` determines its weights."""
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(int(rng.integers(2**63)))
            return self.net(n_features, n_classes).eval()

    def restore(
        self, tensors: Mapping[str, np.ndarray], n_features: int, n_classes: int
    ) -> nn.Module:
        """Return the net with the weights ``tensors``, in evaluation mode.

        They are named as in its state dict. Raises ``ConfigurationError`` if names or shapes are
        not those of the net.
        """
        net = self.draw(n_features, n_classes, generator(0, "restore"))
        try:
            net.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in tensors.items()})
        except RuntimeError as error:
            raise ConfigurationError(
                f"the weights are not of architecture {self.name!r} with {n_features} features and "
                f"{n_classes} classes: {' '.join(str(error).split())}"
            ) from error
        return net

    def configured(self, settings: Mapping[str, Any]) -> Self:
        """Return this architecture with ``settings``, whose lists become tuples.

        Raises ``UnknownNameError``, and any error of the architecture's own check of values.
        """
        own = getattr(self, "__dataclass_fields__", {})
        known = [name for name, field in own.items() if field.init and name not in _DESCRIPTION]
        for setting in settings:
            if setting not in known:
                raise unknown_name("setting", setting, known, of=f"architecture {self.name!r}")
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
        return replace(cast("Any", self), **values) if values else self


def resolve_architecture(name: str, settings: Mapping[str, Any]) -> Architecture:
    """Return the registered architecture ``name`` with its ``settings``."""
    architecture: Architecture = ARCHITECTURES.load(name)
    return architecture.configured(settings)
