"""GenLabel with its densities on a net's penultimate features."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from genlabel_robust.core import ConfigurationError, NotApplicableError
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(eq=False)
class LatentGenLabel(GenLabel):
    """GenLabel on latent features: inputs are mixed, and their features (b, h) are labelled.

    The model is trained on the features, not on the inputs. ``warmup``: the share of the epochs in
    which the whole net is trained plainly, before the body is frozen and a new last layer is
    trained on the soft batches. ``body``: the frozen map (b, d) -> (b, h); set it before ``fit``,
    which raises ``NotApplicableError`` without it. Source: Sohn et al. 2022 (2201.02354).
    """

    warmup: float = 0.2
    body: Callable[[Tensor], Tensor] | None = field(
        default=None, repr=False, metadata={"setting": False}
    )
    needs: ClassVar[frozenset[str]] = frozenset({"latent"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.warmup < 1.0:
            raise ConfigurationError(
                f"strategy {self.name!r}: warmup is {self.warmup}; it is the share of the epochs "
                "before the body is frozen, between 0 and 1 (the paper: 0.2)"
            )

    def _mixup(self) -> BatchStrategy:
        return replace(self, gamma=0.0)

    def represent(self, x: Tensor) -> Tensor:
        """Return the penultimate features: (b, d) -> (b, h)."""
        if self.body is None:
            raise NotApplicableError(
                f"strategy {self.name!r} works on the penultimate features of a net; give it "
                "body=, the frozen map from inputs to those features"
            )
        with torch.no_grad():
            return self.body(x)


@dataclass(eq=False)
class GenLabelGMLatent(LatentGenLabel, GenLabelGM):
    """GenLabel with Gaussians on the penultimate features."""

    name: ClassVar[str] = "genlabel-gm-latent"


@dataclass(eq=False)
class GenLabelKDELatent(LatentGenLabel, GenLabelKDE):
    """GenLabel with kernel densities on the penultimate features."""

    name: ClassVar[str] = "genlabel-kde-latent"
