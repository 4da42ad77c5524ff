"""The two figures of a run, as SVG with the same bytes for the same results."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.terminal import grouped
from genlabel_robust.reports.wording import threat_sentence

_STYLE: dict[Any, Any] = {"svg.hashsalt": "genlabel_robust", "svg.fonttype": "none", "font.size": 9}
# Okabe and Ito's colours, told apart with any colour vision; dashes serve without colour.
_COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
_DASHES = ("-", "--", "-.", ":")


def robust_accuracy_figure(run: StoredRun) -> bytes:
    """Draw clean and worst-case accuracy of each strategy, with intervals; a panel per group."""
    groups = list(grouped(run.results))
    figure, axes = _panels(len(groups), height=0.32 * max(len(r) for _, r in groups) + 1.1)
    for ax, ((dataset, architecture, eps), rows) in zip(axes, groups, strict=True):
        for measure, marker, offset, colour in (
            ("clean_accuracy", "o", -0.12, "#56B4E9"),
            ("robust_accuracy", "s", 0.12, "#000000"),
        ):
            shown = [(i, row[measure]) for i, row in enumerate(rows) if row[measure]]
            if shown:
                _error_bars(ax, shown, marker, offset, colour, measure.split("_")[0])
        ax.set_yticks(range(len(rows)), [row["strategy"] for row in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(-2, 102)
        ax.set_xlabel("accuracy, % (95 % interval)")
        ax.set_title(f"{dataset}, {architecture}\n{threat_sentence(run.results['threat'], eps)}")
        ax.grid(axis="x", alpha=0.3)
    _legend(axes, loc="lower left", frameon=True)
    return _svg(figure, "Clean and worst-case robust accuracy by training strategy")


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the share of examples whose margin exceeds a distance."""
    pairs = list(dict.fromkeys((d, a) for d, a, _ in run.panels))
    figure, axes = _panels(len(pairs), height=3.2)
    for ax, pair in zip(axes, pairs, strict=True):
        panels = [(s, p) for (d, a, s), p in run.panels.items() if (d, a) == pair]
        for index, (strategy, panel) in enumerate(panels):
            distances = panel.exact if panel.exact is not None else panel.nearest
            if distances is not None:
                style = _DASHES[index % len(_DASHES)]
                x, y = _survival(np.asarray(distances).ravel())
                ax.step(
                    x, y, where="post", label=strategy,
                    color=_COLOURS[index % len(_COLOURS)], linestyle=style, linewidth=1.3,
                )  # fmt: skip
        for eps in run.results["threat"]["eps"]:
            ax.axvline(eps, color="#888888", linewidth=0.8)
        ax.set_xlim(left=0)
        ax.set_ylim(0, 102)
        ax.set_xlabel(f"distance ({run.results['threat']['norm']}, in units of ε)")
        ax.set_ylabel("examples with a larger margin, %")
        ax.set_title(", ".join(pair))
        ax.grid(alpha=0.3)
    _legend(axes[::-1], loc="upper right", fontsize=7)
    return _svg(figure, "Share of examples whose margin exceeds a distance, by training strategy")


def _survival(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the step curve of the share beyond each distance; inf never drops out."""
    finite = np.sort(distances[np.isfinite(distances)])
    remaining = 100 * (1 - np.arange(1, len(finite) + 1) / max(len(distances), 1))
    return np.concatenate([[0.0], finite]), np.concatenate([[100.0], remaining])


def _error_bars(
    ax: Axes,
    shown: Sequence[tuple[int, Mapping[str, Any]]],
    marker: str,
    offset: float,
    colour: str,
    label: str,
) -> None:
    value, low, high = (
        100 * np.array([estimate[part] for _, estimate in shown])
        for part in ("value", "low", "high")
    )
    ax.errorbar(
        value,
        [i + offset for i, _ in shown],
        xerr=np.clip([value - low, high - value], 0, None),
        fmt=marker, color=colour, label=label, markersize=4, capsize=2, linewidth=1,
    )  # fmt: skip


def _legend(axes: Sequence[Axes], **style: Any) -> None:
    """Put a legend into the first of ``axes`` that shows anything.

    A panel of models that nothing could train or attack is empty.
    """
    for ax in axes:
        if ax.get_legend_handles_labels()[0]:
            ax.legend(**style)
            return


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(count, 3)
    lines = -(-count // columns)
    figure = Figure(figsize=(3.6 * columns + 0.6, height * lines), layout="constrained")
    FigureCanvasSVG(figure)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for unused in grid[count:]:
        unused.set_visible(False)
    return figure, list(grid[:count])


def _svg(figure: Figure, title: str) -> bytes:
    buffer = io.BytesIO()
    with rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    return buffer.getvalue()
