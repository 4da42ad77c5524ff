"""GenLabel with one Gaussian per class."""

from dataclasses import dataclass
from typing import ClassVar

from genlabel_robust.densities.density import ClassDensity
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.strategies.genlabel import GenLabel


@dataclass(eq=False)
class GenLabelGM(GenLabel):
    """GenLabel with full-covariance Gaussians. Source: Sohn et al. 2022 (2201.02354)."""

    name: ClassVar[str] = "genlabel-gm"
    density_name: ClassVar[str] = "gaussian"

    def new_density(self) -> ClassDensity:
        """Return a ``GaussianDensity``."""
        return GaussianDensity()
