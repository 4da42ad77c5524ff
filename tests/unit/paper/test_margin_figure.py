from __future__ import annotations

import copy
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.spatial import cKDTree

from genlabel_robust.core.seeds import generator
from genlabel_robust.models.architecture import LOGISTIC, MLP
from genlabel_robust.models.model import TorchModel
from genlabel_robust.paper.margin_figure import margins, markdown, run
from genlabel_robust.paper.plane_sets import PLANE_SETS, plane_task, train_plane

PLANES = {plane.dataset: plane for plane in PLANE_SETS}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("margin")
    planes = [replace(PLANES[name], epochs=15) for name in ("cube-2d", "gaussian-9")]
    return run(folder, planes=planes, n_seeds=2, n_test=45), folder


def on_a_grid(model, task, cells=400):
    """The distance of each test row to the nearest cell with another label, and a cell's size.

    The grid spans the training range: rows outside it are NaN, misclassified ones 0.
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
    task = plane_task(PLANES["gaussian-9"], 60, seed=0)
    _, (model,) = train_plane(replace(PLANES["gaussian-9"], epochs=20), task, 1, seed=0)
    found, kind = margins(model, task, seed=0)
    assert kind == "attack"
    true, cell = on_a_grid(model, task)
    inside = np.isfinite(true)
    assert inside.sum() > 40
    # an upper bound, and not a loose one
    assert (found >= true - 1.5 * cell)[inside].all()
    assert (found <= 1.05 * true + 1.5 * cell)[inside].all()


def test_margins_of_an_affine_model_are_exact():
    task = plane_task(PLANES["cube-2d"], 80, seed=0)
    layers = LOGISTIC.initialise(2, 2, generator(1, "test"))
    model = TorchModel(LOGISTIC.module(layers), task.scaling, 2)
    found, kind = margins(model, task, seed=0)
    assert kind == "exact"
    true, cell = on_a_grid(model, task)
    inside = np.isfinite(true)
    assert 10 < np.count_nonzero(true[inside]) < inside.sum()
    np.testing.assert_allclose(found[inside], true[inside], atol=1.5 * cell)


def test_a_net_that_knows_one_label_only_has_no_margin_to_find():
    task = plane_task(PLANES["cube-2d"], 10, seed=0)
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
    ]
    for row in found["rows"]:
        assert (row["n_examples"], row["n_seeds"], row["margin"]["kind"]) == (45, 2, "attack")
        assert row["margin"]["q05"] <= row["margin"]["median"] <= row["margin"]["q75"]
    mixup, genlabel = found["rows"][2:]
    assert mixup["diagnostics"]["intrusion_rate"] == genlabel["diagnostics"]["intrusion_rate"] > 0.1
    assert len(found["differences"]) == 2


def test_the_figure_is_small_and_tells_the_sets_apart(results):
    folder = results[1] / "figures"
    svg = folder / "margin.svg"
    assert max(svg.stat().st_size, (folder / "margin.png").stat().st_size) < 250_000
    root = ElementTree.fromstring(svg.read_text())  # noqa: S314  our own file
    shown = {element.text.strip() for element in root.iter() if element.text}
    assert {"cube-2d", "gaussian-9", "mixup", "GenLabel"} <= shown


def test_the_same_seed_gives_the_same_results_and_bytes(tmp_path):
    plane = replace(PLANES["cube-2d"], epochs=3)
    first, second = (
        run(tmp_path / name, seed=5, planes=[plane], n_seeds=2, n_test=12) for name in "ab"
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
