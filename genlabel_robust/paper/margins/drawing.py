"""The margin figure: mixed points, boundaries and margins of both strategies for each data set."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from genlabel_robust.core import FloatArray, IntArray, generator
from genlabel_robust.data import Task
from genlabel_robust.models import TorchModel
from genlabel_robust.paper.figures import GENLABEL, MIXUP, figure_files
from genlabel_robust.paper.margins.synthetic_sets import SyntheticSet
from genlabel_robust.strategies import Mixup
from genlabel_robust.strategies.strategy import BatchStrategy

FIGURE = "margin"
#: RGB colours (k, 3) of the classes.
_CLASSES = np.array(
    [
        to_rgb(c)
        for c in (
            "#E69F00",
            "#56B4E9",
            "#009E73",
            "#F0E442",
            "#0072B2",
            "#D55E00",
            "#CC79A7",
            "#999999",
            "#000000",
        )
    ]
)
#: The numbers of mixed points shown and of batches that draw them, each with its own λ; and the
#: number of cells of the map per side.
_SHOWN, _BATCHES, _CELLS = 600, 20, 100
#: The maximum number of columns of a band; and the distance from a cut up to which mixed points
#: are drawn with it.
_COLUMNS, NEAR = 4, 0.5


@dataclass(frozen=True, eq=False)
class Panel:
    """One data set, a net trained by each strategy, and the margins (seeds, n) of each strategy."""

    spec: SyntheticSet
    task: Task
    mixup: TorchModel
    genlabel: TorchModel
    distances: Sequence[FloatArray]


def draw(folder: Path, panels: Sequence[Panel], seed: int) -> None:
    """Draw the figure: for each data set mixup, GenLabel and the margins, from top to bottom.

    Both axes have the same scale, so that L2 distances are not distorted.
    """
    title = "Top labels of mixed points, decision boundaries, and margins"
    description = (
        "For each set: mixed points coloured by their top label over the regions of the net "
        "trained on them, mixup above GenLabel; below, the share of test points with a margin "
        "beyond each distance. A set in space is cut into slices, which stand side by side."
    )
    bands = _bands(panels)
    columns = max(sum(len(_cuts(panel)) for panel in band) for band in bands)
    size = (max(2, columns) * 2.0 + 0.4, 5.4 * len(bands) + 0.3)
    with figure_files(folder, FIGURE, size, title, description) as figure:
        grid = figure.add_gridspec(3 * len(bands), columns)
        for top, band in zip(range(0, 3 * len(bands), 3), bands, strict=True):
            left = 0
            for panel in band:
                cuts = _cuts(panel)
                models = (
                    ("mixup", panel.mixup, Mixup()),
                    ("GenLabel", panel.genlabel, panel.spec.genlabel()),
                )
                for row, (name, model, strategy) in enumerate(models, start=top):
                    for column, height in enumerate(cuts, start=left):
                        ax = figure.add_subplot(grid[row, column])
                        _plane(ax, panel.task, model, strategy, seed, height)
                        if row == top:
                            ax.set_title(_called(panel, height))
                        if column == 0:
                            ax.set_ylabel(name)
                ax = figure.add_subplot(grid[top + 2, left : left + len(cuts)])
                _distribution(ax, panel.distances)
                ax.set_xlabel("margin (L2, in space)" if panel.spec.slices else "margin (L2)")
                if left == 0:
                    ax.set_ylabel("beyond, %")
                left += len(cuts)
        handles, labels = ax.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)


def _cuts(panel: Panel) -> tuple[float | None, ...]:
    """Return the values at which the third feature is cut, or (None,) for a set in the plane."""
    return panel.spec.slices or (None,)


def _called(panel: Panel, height: float | None) -> str:
    name = panel.spec.dataset
    return name if height is None else f"{name}, x2 = {signed(height)}"


def signed(height: float) -> str:
    """Format the value of a cut with its sign: "−1"."""
    return f"{height:+g}".replace("-", "−")


def _bands(panels: Sequence[Panel]) -> list[list[Panel]]:
    """Split ``panels`` into bands that fit the width of the figure."""
    bands: list[list[Panel]] = []
    free = 0
    for panel in panels:
        wanted = len(_cuts(panel))
        if wanted > free:
            bands.append([])
            free = max(_COLUMNS, wanted)
        bands[-1].append(panel)
        free -= wanted
    return bands


def _plane(
    ax: Axes,
    task: Task,
    model: TorchModel,
    strategy: BatchStrategy,
    seed: int,
    height: float | None,
) -> None:
    """Draw the decision regions of ``model``, and mixed points coloured by their top label.

    ``strategy``: gives the labels. ``height``: the third feature's value, None in the plane.
    """
    low, high = task.x_train.min(axis=0), task.x_train.max(axis=0)
    x, y = (np.linspace(low[i], high[i], _CELLS) for i in range(2))
    cells = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    if height is not None:
        cells = np.column_stack([cells, np.full(len(cells), height)])
    regions = model.predict(cells).reshape(_CELLS, _CELLS)
    extent = (low[0], high[0], low[1], high[1])
    pale = 1 - 0.35 * (1 - _CLASSES[regions])
    ax.imshow(pale, extent=extent, origin="lower", interpolation="nearest", zorder=0)
    points, labels = _mixed(task, strategy, seed, _BATCHES if height is None else 4 * _BATCHES)
    if height is not None:
        near = np.abs(points[:, 2] - height) <= NEAR
        points, labels = points[near], labels[near]
    ax.scatter(
        points[:, 0],
        points[:, 1],
        c=_CLASSES[labels],
        s=4,
        linewidths=0,
        antialiased=False,
        zorder=1,
    )
    # the SVG contains map and points as one image, so its size does not depend on their number
    ax.set_rasterization_zorder(1.5)
    for label in range(1, task.n_classes):  # boundaries of class 0 belong to other classes too
        # a cut may miss some regions
        if 0 < np.count_nonzero(regions == label) < regions.size:
            ax.contour(x, y, regions == label, levels=[0.5], colors="black", linewidths=0.6)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])


def _mixed(
    task: Task, strategy: BatchStrategy, seed: int, n_batches: int
) -> tuple[FloatArray, IntArray]:
    """Return mixed points (m, d) in raw features, and their top labels (m,)."""
    rng = generator(seed, "paper", "margin figure")
    x, y = torch.from_numpy(task.scaling.apply(task.x_train)), torch.tensor(task.y_train)
    strategy.fit(x, y, task.n_classes)
    points, labels = [], []
    for _ in range(n_batches):
        rows = torch.from_numpy(rng.choice(len(x), min(len(x), _SHOWN // _BATCHES), replace=False))
        batch = strategy(x[rows], y[rows], rng)
        points.append(batch.x.numpy() * task.scaling.scale + task.scaling.offset)
        labels.append(batch.target.argmax(dim=1).numpy())
    return np.concatenate(points), np.concatenate(labels)


def _distribution(ax: Axes, distances: Sequence[FloatArray]) -> None:
    share = np.linspace(0.0, 1.0, 51)
    for found, name, colour, dashes in zip(
        distances, ("mixup", "GenLabel"), (MIXUP, GENLABEL), ("-", "--"), strict=True
    ):
        beyond = np.quantile(found, share, method="inverted_cdf")
        known = np.isfinite(beyond)
        ax.step(beyond[known], 100 * (1 - share[known]), color=colour, linestyle=dashes, label=name)
    ax.set_xlim(left=0)
    ax.set_ylim(0, 102)
    ax.grid(alpha=0.3)
