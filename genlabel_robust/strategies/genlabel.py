"""GenLabel: mixed points, relabelled by the posterior of class-conditional densities."""

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from genlabel_robust.core import ConfigurationError
from genlabel_robust.densities.density import ClassDensity, posterior
from genlabel_robust.strategies.mixing import Mixed, MixingStrategy
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(eq=False)
class GenLabel(MixingStrategy):
    """Mixup with the target ``gamma * posterior + (1-gamma) * mixup's target``.

    Cross-entropy is linear in the target, so this is the paper's loss
    ``γ CE(f, y_gen) + (1-γ) CE(f, y_mix)``. A subclass provides the density. Raises
    ``ConfigurationError`` unless ``alpha`` > 0 and ``gamma`` is in [0, 1]. Source: Sohn et al. 2022
    (2201.02354).
    """

    gamma: float = 1.0
    density_name: ClassVar[str]
    _density: ClassDensity | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.gamma <= 1.0:
            raise ConfigurationError(
                f"strategy {self.name!r}: gamma is {self.gamma}; it must lie in [0, 1] "
                "(0 is mixup, 1 only the densities' labels)"
            )

    def parts(self) -> tuple[tuple[BatchStrategy, float], ...]:
        """Return its labels as a mix of its density's labels and mixup's, with their shares."""
        mixed = (replace(self, gamma=1.0), self.gamma), (self._mixup(), 1.0 - self.gamma)
        return tuple((strategy, share) for strategy, share in mixed if share > 0.0)

    def _mixup(self) -> BatchStrategy:
        """Return the strategy that gives its points mixup's labels."""
        return Mixup(self.alpha)

    @abstractmethod
    def new_density(self) -> ClassDensity:
        """Return the unfitted density whose posterior this strategy uses."""

    def represent(self, x: Tensor) -> Tensor:
        """Return the representation for densities and training: here the features themselves."""
        return x

    def _learn(self, x: Tensor, y: Tensor) -> None:
        # at γ = 0 the density has no effect: it is not fitted, so that it cannot fail
        if self.gamma > 0.0:
            self._density = self.new_density().fit(self.represent(x), y, self._n_classes)

    def label(self, mixed: Mixed) -> SoftBatch:
        """Return the mixed rows with γ times the densities' labels plus 1-γ times mixup's."""
        x, target = self.represent(mixed.x), mixed.target
        if self._density is not None:
            label = posterior(self._density.log_density(x)).to(target)
            target = self.gamma * label + (1.0 - self.gamma) * target
        return SoftBatch(x, target, torch.ones_like(target[:, 0]))
