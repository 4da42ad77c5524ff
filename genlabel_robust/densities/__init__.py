"""Class-conditional densities, and the posterior under equal priors."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports
from genlabel_robust.core.registry import Registry

if TYPE_CHECKING:
    from genlabel_robust.densities.gaussian import GaussianDensity
    from genlabel_robust.densities.kde import KernelDensity
    from genlabel_robust.densities.nearest_neighbour import NearestNeighbourDensity

DENSITIES = Registry(
    "density",
    {
        "gaussian": (
            "genlabel_robust.densities.gaussian:GaussianDensity",
            "one full-covariance Gaussian per class",
        ),
        "kde": (
            "genlabel_robust.densities.kde:KernelDensity",
            "a Gaussian kernel density per class, Scott's bandwidth",
        ),
        "nearest-neighbour": (
            "genlabel_robust.densities.nearest_neighbour:NearestNeighbourDensity",
            "all of the mass on the class of the nearest training point",
        ),
    },
    group="densities",
    fits="genlabel_robust.densities.outside:fit_density",
)

__all__ = ["DENSITIES", "GaussianDensity", "KernelDensity", "NearestNeighbourDensity"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "GaussianDensity": "genlabel_robust.densities.gaussian",
        "KernelDensity": "genlabel_robust.densities.kde",
        "NearestNeighbourDensity": "genlabel_robust.densities.nearest_neighbour",
    },
)
