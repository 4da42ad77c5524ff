"""GenLabel with the label of the nearest training point."""

from dataclasses import dataclass
from typing import ClassVar

from genlabel_robust.densities.density import ClassDensity
from genlabel_robust.densities.nearest_neighbour import NearestNeighbourDensity
from genlabel_robust.strategies.genlabel import GenLabel


@dataclass(eq=False)
class GenLabelNN(GenLabel):
    """GenLabel that labels a mixed point by its nearest training point.

    Source: a baseline of GenLabel, Sohn et al. 2022 (2201.02354).
    """

    name: ClassVar[str] = "genlabel-nn"
    density_name: ClassVar[str] = "nearest-neighbour"

    def new_density(self) -> ClassDensity:
        """Return a ``NearestNeighbourDensity``."""
        return NearestNeighbourDensity()
