"""GenLabel with a kernel density per class."""

from dataclasses import dataclass
from typing import ClassVar

from genlabel_robust.densities.density import ClassDensity
from genlabel_robust.densities.kde import KernelDensity
from genlabel_robust.strategies.genlabel import GenLabel


@dataclass(eq=False)
class GenLabelKDE(GenLabel):
    """GenLabel with Gaussian kernels; ``bandwidth`` None for Scott's rule.

    A number is the kernels' standard deviation in scaled features (0.2 and 0.1 for the paper's sets
    in the plane). Source: Sohn et al. 2022 (2201.02354).
    """

    bandwidth: float | None = None
    name: ClassVar[str] = "genlabel-kde"
    density_name: ClassVar[str] = "kde"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.new_density()  # an invalid bandwidth is refused here, not at the first fit

    def new_density(self) -> ClassDensity:
        """Return a ``KernelDensity``."""
        return KernelDensity(self.bandwidth)
