"""A search space over GenLabel's densities and γ, as a strategy."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from genlabel_robust.core import ConfigurationError
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
from genlabel_robust.strategies.strategy import Strategy


@dataclass(eq=False)
class GenLabelCV(Strategy):
    """GenLabel whose density, γ and learning rate a trainer chooses by cross-validation.

    ``bandwidth`` is that of the kernel density. Raises ``ConfigurationError`` for values that
    GenLabel refuses. Source: Sohn et al. 2022 (2201.02354).
    """

    alpha: float = 1.0
    bandwidth: float | None = None
    name: ClassVar[str] = "genlabel-cv"
    searched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self.members()

    def members(self) -> tuple[Strategy, ...]:
        """Return the candidate strategies, in the order in which they are tried."""
        return (
            GenLabelGM(alpha=self.alpha),
            GenLabelKDE(alpha=self.alpha, bandwidth=self.bandwidth),
        )

    def _learn(self, x: Tensor, y: Tensor) -> None:
        raise ConfigurationError(
            f"strategy {self.name!r} is a choice among strategies: train it by a trainer, or fit "
            "one of its members()"
        )
