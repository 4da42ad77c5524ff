"""A search space over GenLabel's densities and γ; not a strategy of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE


@dataclass(frozen=True)
class GenLabelCV:
    """GenLabel whose density, γ and learning rate a trainer chooses by cross-validation.

    ``bandwidth`` is the kernel density's. Raises ``ConfigurationError`` on values
    that GenLabel refuses. Source: Sohn et al. 2022 (2201.02354).
    """

    alpha: float = 1.0
    bandwidth: float | None = None
    name: ClassVar[str] = "genlabel-cv"
    needs: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        self.members()

    def members(self) -> tuple[GenLabel, ...]:
        """Return the strategies to choose from, in the order they are tried."""
        return (
            GenLabelGM(alpha=self.alpha),
            GenLabelKDE(alpha=self.alpha, bandwidth=self.bandwidth),
        )
