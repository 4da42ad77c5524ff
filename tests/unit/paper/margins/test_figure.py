from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.spatial import cKDTree

from genlabel_robust.core.seeds import generator
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import LOGISTIC, MLP
from genlabel_robust.paper.margins import drawing as margin_drawing
from genlabel_robust.paper.margins.drawing import Panel, draw
from genlabel_robust.paper.margins.figure import margins, markdown, run
from genlabel_robust.paper.margins.synthetic_sets import (
    SYNTHETIC_SETS,
    synthetic_task,
    train_synthetic,
)
from genlabel_robust.strategies.mixup import Mixup

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

SPECS = {spec.dataset: spec for spec in SYNTHETIC_SETS}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("margin")
    specs = [replace(SPECS[name], epochs=15) for name in ("cube-2d", "gaussian-9", "cube-3d")]
    return run(folder, specs=specs, n_seeds=2, n_test=45), folder


def on_a_grid(model, task, cells=400):
    """Return each test row's distance to the nearest cell of another label, and a cell's size.

    The grid spans the training range. Rows outside it are NaN, misclassified rows 0.
    """
    low, high = task.x_train.min(axis=0), task.x_train.max(axis=0)
    axes = [np.linspace(a, b, cells) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    labels = model.predict(grid)
    distances = np.full(len(task.x_test), np.nan)
    for label in range(task.n_classes):
        rows = task.y_test == label
        distances[rows] = cKDTree(grid[labels != label]).query(task.x_test[rows])[0]
    distances[model.predict(task.x_test) != task.y_test] = 0.0
    distances[((task.x_test < low) | (task.x_test > high)).any(axis=1)] = np.nan
    return distances, (high - low).max() / cells


def test_attacked_margins_are_those_of_a_fine_grid():
    task = synthetic_task(SPECS["gaussian-9"], 60, seed=0)
    _, (model,) = train_synthetic(replace(SPECS["gaussian-9"], epochs=20), task, 1, seed=0)
    found, kind = margins(model, task, seed=0)
    assert kind == "attack"
    true, cell = on_a_grid(model, task)
    inside = np.isfinite(true)
    assert inside.sum() > 40
    # an upper bound, and not a loose one
    assert (found >= true - 1.5 * cell)[inside].all()
    assert (found <= 1.05 * true + 1.5 * cell)[inside].all()


def test_margins_of_an_affine_model_are_exact():
    task = synthetic_task(SPECS["cube-2d"], 80, seed=0)
    layers = LOGISTIC.initialise(2, 2, generator(1, "test"))
    model = TorchModel(LOGISTIC.module(layers), task.scaling, 2)
    found, kind = margins(model, task, seed=0)
    assert kind == "exact"
    true, cell = on_a_grid(model, task)
    inside = np.isfinite(true)
    assert 10 < np.count_nonzero(true[inside]) < inside.sum()
    np.testing.assert_allclose(found[inside], true[inside], atol=1.5 * cell)


def test_a_net_that_knows_one_label_only_has_no_margin_to_find():
    task = synthetic_task(SPECS["cube-2d"], 10, seed=0)
    (w1, b1), (w2, b2) = MLP.with_widths((4,)).initialise(2, 2, generator(0, "test"))
    constant = MLP.with_widths((4,)).module(((w1, b1), (0 * w2, b2)))
    model = TorchModel(constant, task.scaling, 2)
    found, _ = margins(model, task, seed=0)
    right = task.y_test == model.predict(task.x_test)
    assert np.isinf(found[right]).all()
    assert (found[~right] == 0).all()


def test_a_row_per_set_and_strategy_and_a_difference_per_set(results):
    found = results[0]
    assert [(row["dataset"], row["strategy"]) for row in found["rows"]] == [
        ("cube-2d", "mixup"),
        ("cube-2d", "genlabel-gm"),
        ("gaussian-9", "mixup"),
        ("gaussian-9", "genlabel-gm"),
        ("cube-3d", "mixup"),
        ("cube-3d", "genlabel-gm"),
    ]
    for row in found["rows"]:
        assert (row["n_examples"], row["n_seeds"], row["margin"]["kind"]) == (45, 2, "attack")
        assert row["margin"]["q05"] <= row["margin"]["median"] <= row["margin"]["q75"]
    mixup, genlabel = found["rows"][2:4]
    assert mixup["diagnostics"]["intrusion_rate"] == genlabel["diagnostics"]["intrusion_rate"] > 0.1
    assert len(found["differences"]) == 3


def test_the_figure_is_small_and_tells_the_sets_apart(results):
    folder = results[1] / "figures"
    svg = folder / "margin.svg"
    assert max(svg.stat().st_size, (folder / "margin.png").stat().st_size) < 250_000
    root = ElementTree.fromstring(svg.read_text())  # noqa: S314  our own file
    shown = {element.text.strip() for element in root.iter() if element.text}
    assert {"cube-2d", "gaussian-9", "mixup", "GenLabel"} <= shown
    assert {"cube-3d, x2 = −1", "cube-3d, x2 = +1", "margin (L2, in space)"} <= shown


@pytest.fixture
def drawn(monkeypatch):
    """Draw untrained nets, and return the axes of the figure before it is written."""

    def axes(folder, names):
        found, original = [], margin_drawing.figure_files

        @contextmanager
        def spy(*arguments):
            with original(*arguments) as figure:
                yield figure
                figure.draw_without_rendering()
                found.extend(figure.axes)

        monkeypatch.setattr(margin_drawing, "figure_files", spy)
        panels = []
        for name in names:
            task = synthetic_task(SPECS[name], 10, seed=0)
            k = task.n_classes
            layers = LOGISTIC.initialise(task.x_train.shape[1], k, generator(1, "test"))
            model = TorchModel(LOGISTIC.module(layers), task.scaling, k)
            panels.append(Panel(SPECS[name], task, model, model, [np.ones((1, 10))] * 2))
        draw(folder, panels, 0)
        return found, panels

    return axes


def test_an_inch_is_as_far_to_the_right_as_upwards_in_every_panel(drawn, tmp_path):
    """The margins are L2 distances: a circle of theirs is a circle in the figure."""
    axes, _ = drawn(tmp_path, ["two-circle", "cube-3d"])
    planes = [ax for ax in axes if ax.images]
    assert len(planes) == 2 + 4
    for ax in planes:
        (x0, y0), (x1, y1) = ax.transData.transform([[0.0, 0.0], [1.0, 1.0]])
        assert x1 - x0 == pytest.approx(y1 - y0, rel=1e-6)


def test_a_cut_through_space_shows_its_own_regions_and_the_points_near_it(drawn, tmp_path):
    axes, (panel,) = drawn(tmp_path, ["cube-3d"])
    below, above = [ax for ax in axes if ax.images][:2]
    low, high = panel.task.x_train.min(axis=0), panel.task.x_train.max(axis=0)
    for ax, height in ((below, -1.0), (above, 1.0)):
        image = ax.images[0].get_array()
        corners = np.array([[low[0], low[1], height], [high[0], high[1], height]])
        expected = 1 - 0.35 * (1 - margin_drawing._CLASSES[panel.mixup.predict(corners)])
        np.testing.assert_allclose([image[0, 0], image[-1, -1]], expected)
        points = ax.collections[0].get_offsets()
        assert 100 < len(points) < 1500
    points, _ = margin_drawing._mixed(panel.task, Mixup(), 0, 4 * margin_drawing._BATCHES)
    near = points[np.abs(points[:, 2] - 1.0) <= 0.5]
    np.testing.assert_allclose(above.collections[0].get_offsets(), near[:, :2])


def test_the_same_seed_gives_the_same_results_and_bytes(tmp_path):
    spec = replace(SPECS["cube-2d"], epochs=3)
    first, second = (
        run(tmp_path / name, seed=5, specs=[spec], n_seeds=2, n_test=12) for name in "ab"
    )
    assert first == second
    for kind in ("svg", "png"):
        one, other = (tmp_path / name / f"figures/margin.{kind}" for name in "ab")
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        ({"value": 0.2, "low": 0.1, "high": 0.3, "p_value": 1e-9}, "larger under genlabel-gm"),
        ({"value": -0.2, "low": -0.3, "high": -0.1, "p_value": 1e-9}, "larger under mixup"),
        ({"value": 0.1, "low": -0.1, "high": None, "p_value": 0.3}, "no clear difference"),
        (None, "some points were never broken"),
    ],
)
def test_the_report_claims_a_difference_only_where_the_interval_excludes_zero(
    results, difference, verdict
):
    changed = copy.deepcopy(results[0])
    changed["differences"][0]["difference"] = difference
    (line,) = [
        line
        for line in markdown(changed).splitlines()
        if line.startswith("| cube-2d | ") and line.endswith(f" {verdict} |")
    ]
    assert line.count("|") == 5


def test_no_lower_end_of_a_difference_is_minus_infinity(results):
    changed = copy.deepcopy(results[0])
    unknown = {"value": 0.1, "low": None, "high": None, "p_value": 0.3}
    changed["differences"][0]["difference"] = unknown
    assert "| cube-2d | +0.100 (−∞ to ∞) | 0.3 |" in markdown(changed)


def test_the_report_says_where_a_set_in_space_is_cut(results):
    text = markdown(results[0])
    assert "cube-3d lies in space. The figure cuts it at x2 = −1 and +1, through" in text
    assert "shows the mixed points within 0.5 of each cut" in text
