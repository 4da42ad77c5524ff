"""The margin figure: per plane set, mixed points and boundary under both strategies, margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Task
from genlabel_robust.models.model import TorchModel
from genlabel_robust.paper.figures import GENLABEL, MIXUP, figure_files
from genlabel_robust.paper.plane_sets import PlaneSet
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.strategy import BatchStrategy

FIGURE = "margin"
#: A colour (k, 3) for each class.
_CLASSES = np.array(
    [to_rgb(c) for c in ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00",
                         "#CC79A7", "#999999", "#000000")]
)  # fmt: skip
#: Mixed points shown, in so many batches with a λ of their own; cells of the map per side.
_SHOWN, _BATCHES, _CELLS = 600, 20, 100


@dataclass(frozen=True, eq=False)
class Panel:
    """One set: its data, a net of each strategy, and margins (seeds, n) of each."""

    plane: PlaneSet
    task: Task
    mixup: TorchModel
    genlabel: TorchModel
    distances: Sequence[FloatArray]


def draw(folder: Path, panels: Sequence[Panel], seed: int) -> None:
    """Write the figure: a column per set, its rows mixup, GenLabel and the margins."""
    title = "Top labels of mixed points, decision boundaries, and margins"
    description = (
        "For each plane set: mixed points coloured by their top label over the regions of the "
        "net trained on them, mixup above GenLabel; below, the share of test points with a "
        "margin beyond each distance."
    )
    size = (2.0 * len(panels) + 0.4, 5.6)
    with figure_files(folder, FIGURE, size, title, description) as figure:
        grid = figure.subplots(3, len(panels), squeeze=False)
        for column, panel in zip(grid.T, panels, strict=True):
            column[0].set_title(panel.plane.dataset)
            _plane(column[0], panel.task, panel.mixup, Mixup(), seed)
            _plane(column[1], panel.task, panel.genlabel, panel.plane.genlabel(), seed)
            _distribution(column[2], panel.distances)
        for ax, label in zip(grid[:, 0], ("mixup", "GenLabel", "beyond, %"), strict=True):
            ax.set_ylabel(label)
        handles, labels = grid[2, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)


def _plane(ax: Axes, task: Task, model: TorchModel, strategy: BatchStrategy, seed: int) -> None:
    """Draw the regions of ``model`` and mixed points of the top label that ``strategy`` gives."""
    low, high = task.x_train.min(axis=0), task.x_train.max(axis=0)
    x, y = (np.linspace(low[i], high[i], _CELLS) for i in range(2))
    cells = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    regions = model.predict(cells).reshape(_CELLS, _CELLS)
    extent = (low[0], high[0], low[1], high[1])
    pale = 1 - 0.35 * (1 - _CLASSES[regions])
    ax.imshow(pale, extent=extent, origin="lower", aspect="auto", interpolation="nearest", zorder=0)
    points, labels = _mixed(task, strategy, seed)
    ax.scatter(
        points[:, 0],
        points[:, 1],
        c=_CLASSES[labels],
        s=4,
        linewidths=0,
        antialiased=False,
        zorder=1,
    )
    # map and points become one image in the SVG, whatever their number
    ax.set_rasterization_zorder(1.5)
    for label in range(1, task.n_classes):  # the others' boundaries are also those of class 0
        ax.contour(x, y, regions == label, levels=[0.5], colors="black", linewidths=0.6)
    ax.set_xticks([])
    ax.set_yticks([])


def _mixed(task: Task, strategy: BatchStrategy, seed: int) -> tuple[FloatArray, IntArray]:
    """Return mixed points (m, 2) as raw features, and their top labels (m,)."""
    rng = generator(seed, "paper", "margin figure")
    x, y = torch.from_numpy(task.scaling.apply(task.x_train)), torch.tensor(task.y_train)
    strategy.fit(x, y, task.n_classes)
    points, labels = [], []
    for _ in range(_BATCHES):
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
    ax.set_xlabel("margin (L2)")
    ax.grid(alpha=0.3)
