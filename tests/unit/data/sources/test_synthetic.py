from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.load import load_table


@pytest.mark.parametrize(
    ("name", "counts", "d"),
    [
        ("toy-line", [50, 100], 1),
        ("cube-2d", [20] * 2, 2),
        ("cube-3d", [20] * 8, 3),
        ("gaussian-9", [50] * 9, 2),
        ("moons", [500] * 2, 2),
        ("circles", [500] * 2, 2),
        ("two-circle", [1000] * 2, 2),
    ],
)
def test_sizes_are_those_stated_and_the_seed_decides_the_draw(
    name: str, counts: list[int], d: int
) -> None:
    table = load_table(name, seed=1)
    assert np.bincount(table.y).tolist() == counts
    assert table.x.shape == (sum(counts), d)
    assert load_table(name, seed=1).x.tobytes() == table.x.tobytes()
    assert load_table(name, seed=2).x.tobytes() != table.x.tobytes()


def test_mixing_the_outer_toy_points_meets_the_other_class() -> None:
    table = load_table("toy-line")
    x = table.x[:, 0]
    assert np.abs(x[table.y == 0]).max() < 0.3
    assert np.abs(np.abs(x[table.y == 1]) - 1).max() < 0.3
    assert (x[table.y == 1] < 0).sum() == 50


@pytest.mark.parametrize("name", ["cube-2d", "cube-3d"])
def test_cubes_stay_on_their_side_of_zero(name: str) -> None:
    table = load_table(name)
    d = table.x.shape[1]
    bits = (table.x[:, :1] > 0) if d == 2 else (table.x > 0)
    code = bits @ (2 ** np.arange(bits.shape[1])[::-1])
    np.testing.assert_array_equal(code, table.y)


def test_the_nine_gaussians_have_variance_a_tenth_around_the_grid() -> None:
    table = load_table("gaussian-9")
    nearest = np.round(table.x / 10) * 10
    assert len(np.unique(nearest, axis=0)) == 9
    # 900 squares: relative standard error 4.7 %, so 25 % is over 5 sigma
    assert np.mean((table.x - nearest) ** 2) == pytest.approx(0.1, rel=0.25)


@pytest.mark.parametrize(("name", "scale"), [("circles", 0.02), ("two-circle", 0.01)])
def test_circles_have_the_radii_and_the_noise_stated(name: str, scale: float) -> None:
    table = load_table(name)
    shift = np.array([1.2, 0.0]) if name == "two-circle" else np.zeros(2)
    right = table.x[:, :1] > 0 if name == "two-circle" else np.ones((len(table.x), 1), dtype=bool)
    centered = np.where(right, table.x - shift, table.x + shift)
    label = np.where(right[:, 0], table.y, 1 - table.y) if name == "two-circle" else table.y
    # the outer ring crosses x = 0 where the two pairs overlap: leave that strip out
    clear = np.abs(table.x[:, 0]) > (0.3 if name == "two-circle" else -1)
    radius = np.linalg.norm(centered, axis=1)
    error = (radius - np.where(label == 1, 0.8, 1.0))[clear]
    # a Laplace of this scale has mean absolute value = scale in any one direction of its own
    assert np.abs(error).mean() < 2 * scale
    assert np.abs(error).mean() > 0.5 * scale


def test_moons_have_laplace_noise_of_scale_a_tenth() -> None:
    from sklearn.datasets import make_moons

    clean, y = make_moons(1000, shuffle=False)
    table = load_table("moons")
    noise = table.x - clean[np.argsort(y, kind="stable")]
    # mean |Laplace| = scale; 2,000 values: standard error 2.2 %, 15 % is over 6 sigma
    assert np.abs(noise).mean() == pytest.approx(0.1, rel=0.15)
