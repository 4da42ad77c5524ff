"""Class-conditional densities, and the posterior under equal priors."""

from genlabel_robust.core.registry import Registry

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
)

__all__ = ["DENSITIES"]
