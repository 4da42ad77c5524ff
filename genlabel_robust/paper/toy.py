"""The toy example: three points on a line where mixup's label contradicts the data.

The points are x = -1, 0, +1 with labels 1, 0, 1, each repeated with a little noise. The outer two
mixed with λ = 1/2 fall on the middle one: mixup labels that point class 1, the data class 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import exp, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.data.sources.synthetic import TOY_COPIES, TOY_NOISE, toy_line
from genlabel_robust.densities import gaussian, kde
from genlabel_robust.densities.density import posterior
from genlabel_robust.paper.figures import GENLABEL, MIXUP, OTHER, figure_files
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.tables.table import markdown_table
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.diagnostics import diagnose
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.strategy import Strategy

_STRATEGIES = ("mixup", "genlabel-gm", "genlabel-kde", "genlabel-nn")
_FIGURE = "toy"


def run(
    out: Path, seed: int = 0, on_progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Label the point halfway between the outer two, and draw ``figures/toy.svg`` and ``.png``.

    Returns a row per strategy with its ``label`` (class 0, class 1) at x = 0; ``closed_form``,
    the label for the population of the noisy points, for the two densities that have one;
    ``conflict``, whether its top class contradicts the data; and the strategy's diagnostics.
    """
    frame = toy_line(seed)
    x, y = frame[["x0"]].to_numpy(), frame["target"].to_numpy(np.int64)
    line = np.linspace(-1.3, 1.3, 261)
    expected = {"genlabel-gm": gaussian_label(TOY_NOISE), "genlabel-kde": kernel_label(TOY_NOISE)}
    rows, curves = [], {}
    for done, name in enumerate(_STRATEGIES, start=1):
        strategy: Strategy = STRATEGIES.load(name)()
        label = np.array([0.0, 1.0])  # mixup of the outer points, both of class 1
        if isinstance(strategy, GenLabel):
            density = strategy.new_density().fit(x, y, 2)
            label = posterior(density.log_density([[0.0]])).numpy()[0]
            curves[name] = posterior(density.log_density(line[:, None])).numpy()[:, 1]
        rows.append(
            {
                "dataset": "toy-line",
                "strategy": name,
                "point": 0.0,
                "label": label.tolist(),
                "closed_form": expected.get(name),
                "conflict": bool(label.argmax() != 0),
                "diagnostics": asdict(diagnose(strategy, x, y, 2, seed=seed)),
            }
        )
        if on_progress is not None:
            on_progress(name, done, len(_STRATEGIES))
    _draw(out / "figures", line, curves)
    return {"rows": rows}


def gaussian_label(noise: float) -> list[float]:
    """Return GenLabel's label at x = 0 under one Gaussian per class.

    Class 0 is N(0, noise²); class 1, half around -1 and half around +1, has mean 0 and
    variance 1 + noise². With ``noise`` 0 it is exact for the points themselves.
    """
    class_0 = 1 / sqrt(noise**2 + gaussian.RIDGE)
    class_1 = 1 / sqrt(1 + noise**2 + gaussian.RIDGE)
    return [class_0 / (class_0 + class_1), class_1 / (class_0 + class_1)]


def kernel_label(noise: float) -> list[float]:
    """Return GenLabel's label at x = 0 under a kernel density per class with Scott's bandwidth.

    The kernel density of many points is their density, widened by the kernel's variance
    n^(-2/5) (s² + 1e-8) with the sample variance s². With ``noise`` 0 it is exact for the points.
    """
    n_0, n_1 = TOY_COPIES, 2 * TOY_COPIES
    wide_0 = noise**2 + n_0**-0.4 * (noise**2 + kde.RIDGE)
    wide_1 = noise**2 + n_1**-0.4 * (n_1 / (n_1 - 1) + noise**2 + kde.RIDGE)
    class_0 = 1 / sqrt(2 * pi * wide_0)
    class_1 = exp(-0.5 / wide_1) / sqrt(2 * pi * wide_1)
    return [class_0 / (class_0 + class_1), class_1 / (class_0 + class_1)]


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    lines = [
        "## Toy: a conflict of labels",
        "",
        "Points at x = -1, 0, +1 have labels 1, 0, 1. The outer two, mixed half and half, fall on "
        "x = 0, where the data say class 0.",
        "",
        *markdown_table(
            (
                "label at x = 0 by",
                *map(Column, ("class 0", "class 1", "closed form, class 0")),
                "against the data?",
                *map(Column, ("intrusion rate", "foreign labels")),
            ),
            map(_cells, results["rows"]),
        ),
        "Closed form: of the noisy points' population. Intrusion rate: mixed points whose nearest "
        "training point is of neither parent's class. Foreign labels: mixed points to which "
        "GenLabel gives a class of neither parent.",
        "",
        f"![GenLabel's and mixup's labels along the line](figures/{_FIGURE}.svg)",
        "",
    ]
    return "\n".join(lines)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    seen, exact = row["diagnostics"], row["closed_form"]
    foreign = seen["foreign_label_rate"]
    return (
        row["strategy"],
        *(f"{share:.3f}" for share in row["label"]),
        "n/a" if exact is None else f"{exact[0]:.3f}",
        "yes" if row["conflict"] else "no",
        f"{100 * seen['intrusion_rate']:.1f} %",
        "n/a" if foreign is None else f"{100 * foreign:.1f} %",
    )


def _draw(folder: Path, line: FloatArray, curves: dict[str, FloatArray]) -> None:
    title = "Three points on a line: what each strategy calls a mixed point"
    description = (
        "Share of class 1 in the label against x. Mixup of the outer two points says 1 at x = 0, "
        "where the data say 0; GenLabel's labels fall to nearly 0 there."
    )
    with figure_files(folder, _FIGURE, (5.2, 2.4), title, description) as figure:
        ax = figure.subplots()
        ax.plot([-1, 1], [1, 1], color=MIXUP, label="mixup, outer two")
        ax.plot([-1, 0, 1], [1, 0, 1], color=MIXUP, linestyle=":", label="mixup, with the middle")
        for (name, share), colour, dashes in zip(
            curves.items(), (GENLABEL, OTHER, "#888888"), ("-", "--", "-."), strict=True
        ):
            ax.plot(line, share, color=colour, linestyle=dashes, label=name)
        ax.plot([-1, 0, 1], [1, 0, 1], "ko", markersize=5, label="data")
        ax.set_xlabel("x")
        ax.set_ylabel("share of class 1")
        ax.grid(alpha=0.3)
        figure.legend(loc="outside right center")


PART = Part(run, markdown, rows_are_results=False)
