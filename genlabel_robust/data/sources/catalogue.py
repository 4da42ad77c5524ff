"""The registered data sets: each entry is a function of a seed that returns a frame."""

from genlabel_robust.core import Registry

_EMBEDDED = "genlabel_robust.data.sources.embedded"
_SYNTHETIC = "genlabel_robust.data.sources.synthetic"

DATASETS = Registry(
    "dataset",
    {
        "iris": (f"{_EMBEDDED}:iris", "150 flowers, 4 measures, 3 species"),
        "wine": (f"{_EMBEDDED}:wine", "178 wines, 13 chemical measures, 3 cultivars"),
        "breast-cancer": (f"{_EMBEDDED}:breast_cancer", "569 tumours, 30 measures, 2 classes"),
        "digits": (f"{_EMBEDDED}:digits", "1,797 images of 8 x 8 pixels, 10 digits"),
        "toy-line": (
            f"{_SYNTHETIC}:toy_line",
            "x = -1, 0, +1 with labels 1, 0, 1: mixup conflicts",
        ),
        "cube-2d": (f"{_SYNTHETIC}:cube_2d", "two squares side by side, 20 points each"),
        "cube-3d": (f"{_SYNTHETIC}:cube_3d", "eight cubes at the corners, 20 points each"),
        "gaussian-9": (f"{_SYNTHETIC}:gaussian_9", "nine far Gaussians on a grid, 50 points each"),
        "moons": (f"{_SYNTHETIC}:moons", "two half moons, 1,000 points, Laplace noise 0.1"),
        "circles": (f"{_SYNTHETIC}:circles", "two circles, 1,000 points, Laplace noise 0.02"),
        "two-circle": (
            f"{_SYNTHETIC}:two_circle",
            "two pairs of circles with swapped labels, 2,000 points, Laplace noise 0.01",
        ),
    },
)
