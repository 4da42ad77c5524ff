"""The paper's synthetic data sets on the line, in the plane and in space, drawn from a seed.

Each function returns a frame of features ``x0``, ``x1``, ... with the column ``target`` (integers)
last, sorted by class. Source: the code released with GenLabel (2201.02354); sizes that it leaves
open are constants here.
"""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import make_circles, make_moons

from genlabel_robust.core import FloatArray, IntArray, generator

TOY_COPIES = 50
TOY_NOISE = 0.05
CUBE_ROWS = 20
GAUSSIAN_ROWS = 50
PLANE_ROWS = 1000


def toy_line(seed: int) -> pd.DataFrame:
    """Return 50 noisy copies each of x = -1, 0, +1 with labels 1, 0, 1.

    The midpoint of the outer two is x = 0 with label 1: a label conflict.
    """
    x = np.repeat([0.0, -1.0, 1.0], TOY_COPIES)
    y = np.repeat([0, 1, 1], TOY_COPIES)
    noise = generator(seed, "data", "toy-line").normal(scale=TOY_NOISE, size=x.size)
    return _frame((x + noise)[:, None], y)


def cube_2d(seed: int) -> pd.DataFrame:
    """Return two classes, uniform on [-1, 1]² shifted by (-1, 0) and (+1, 0)."""
    return _cubes(seed, "cube-2d", np.array([[-1.0, 0.0], [1.0, 0.0]]))


def cube_3d(seed: int) -> pd.DataFrame:
    """Return eight classes, uniform on [-1, 1]³ shifted to the corners (±1, ±1, ±1)."""
    return _cubes(seed, "cube-3d", np.array(list(product((-1.0, 1.0), repeat=3))))


def gaussian_9(seed: int) -> pd.DataFrame:
    """Return nine Gaussians of covariance 0.1 I on the grid {-10, 0, 10}²."""
    centers = np.array(list(product((-10.0, 0.0, 10.0), repeat=2)))
    y = np.repeat(np.arange(9), GAUSSIAN_ROWS)
    noise = generator(seed, "data", "gaussian-9").normal(scale=np.sqrt(0.1), size=(y.size, 2))
    return _frame(centers[y] + noise, y)


def moons(seed: int) -> pd.DataFrame:
    """Return scikit-learn's two moons with Laplace noise of scale 0.1."""
    x, y = make_moons(n_samples=PLANE_ROWS, shuffle=False)
    return _frame(_laplace(seed, "moons", x, 0.1), y)


def circles(seed: int) -> pd.DataFrame:
    """Return scikit-learn's two circles with Laplace noise of scale 0.02."""
    x, y = _noiseless_circles()
    return _frame(_laplace(seed, "circles", x, 0.02), y)


def two_circle(seed: int) -> pd.DataFrame:
    """Return two pairs of circles at (+1.2, 0) and (-1.2, 0), the second's labels swapped."""
    x, y = _noiseless_circles()
    shift = np.array([1.2, 0.0])
    both = np.concatenate([x + shift, x - shift])
    return _frame(_laplace(seed, "two-circle", both, 0.01), np.concatenate([y, 1 - y]))


def _cubes(seed: int, name: str, centers: FloatArray) -> pd.DataFrame:
    y = np.repeat(np.arange(len(centers)), CUBE_ROWS)
    inside = generator(seed, "data", name).uniform(-1.0, 1.0, (y.size, centers.shape[1]))
    return _frame(centers[y] + inside, y)


def _noiseless_circles() -> tuple[Any, Any]:
    x, y = make_circles(n_samples=PLANE_ROWS, shuffle=False)
    return x, y


def _laplace(seed: int, name: str, x: FloatArray, scale: float) -> FloatArray:
    return x + generator(seed, "data", name).laplace(scale=scale, size=x.shape)


def _frame(x: FloatArray, y: IntArray) -> pd.DataFrame:
    order = np.argsort(y, kind="stable")
    frame = pd.DataFrame(x[order], columns=[f"x{i}" for i in range(x.shape[1])])
    return frame.assign(target=y[order])
