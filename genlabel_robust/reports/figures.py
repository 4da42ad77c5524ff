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

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.evaluation.panel import Panel
from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.decided import PROVED, has_proofs
from genlabel_robust.reports.given import range_rows
from genlabel_robust.reports.terminal import grouped
from genlabel_robust.reports.wording import NORM_SIGNS, threat_sentence

_STYLE: dict[Any, Any] = {"svg.hashsalt": "genlabel_robust", "svg.fonttype": "none", "font.size": 9}
# Okabe and Ito's colours, told apart with any colour vision; dashes serve without colour.
_COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
_DASHES = ("-", "--", "-.", ":")
_STEPS = 100


def robust_accuracy_figure(run: StoredRun) -> bytes:
    """Draw clean, worst-case and proved accuracy of each strategy, with intervals, by group."""
    groups = list(grouped(run.results))
    proofs = has_proofs(run.results["rows"])
    figure, axes = _panels(len(groups), height=0.32 * max(len(r) for _, r in groups) + 1.2)
    for ax, ((dataset, architecture, eps), rows) in zip(axes, groups, strict=True):
        for measure, marker, offset, colour in (
            ("clean_accuracy", "o", -0.2 if proofs else -0.12, "#0072B2"),
            ("robust_accuracy", "s", 0.02 if proofs else 0.12, "#000000"),
            ("certified_accuracy", "D", 0.24, "#009E73"),
        ):
            shown = [(i, row[measure]) for i, row in enumerate(rows) if row[measure]]
            word = PROVED if measure == "certified_accuracy" else measure.split("_")[0]
            if shown:
                _error_bars(ax, shown, marker, offset, colour, word)
        ax.set_yticks(range(len(rows)), [row["strategy"] for row in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(-2, 102)
        ax.set_xlabel("accuracy, % (95 % interval)")
        several = f", ε = {eps:g}" if len(run.results["threat"]["eps"]) > 1 else ""
        ax.set_title(f"{dataset}, {architecture}{several}")
        ax.grid(axis="x", alpha=0.3)
    eps = run.results["threat"]["eps"]
    threat = threat_sentence(run.results["threat"], eps[0], range_rows(run.results))
    measures = "Clean, robust and proved accuracy" if proofs else "Clean and robust accuracy"
    title = measures + (f" ({threat})" if len(eps) == 1 else "")
    return _svg(figure, title, axes)


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the share of examples whose margin exceeds a distance."""
    pairs = list(dict.fromkeys((d, a) for d, a, _ in run.panels))
    strategies = list(dict.fromkeys(s for _, _, s in run.panels))
    figure, axes = _panels(len(pairs), height=3.4)
    for ax, pair in zip(axes, pairs, strict=True):
        for index, strategy in enumerate(strategies):
            panel = run.panels.get((*pair, strategy))
            if panel is not None:
                _draw_margins(ax, panel, strategy, index)
        for eps in run.results["threat"]["eps"]:
            ax.axvline(eps, color="#888888", linewidth=0.8)
        ax.set_xlim(left=0)
        ax.set_ylim(0, 102)
        ax.set_xlabel("distance to the boundary, in the unit of ε")
        ax.set_ylabel("examples with a larger margin, %")
        ax.set_title(", ".join(pair))
        ax.grid(alpha=0.3)
    norm = NORM_SIGNS[run.results["threat"]["norm"]]
    bounds = any(p.between is not None for p in run.panels.values())
    bands = "; bands: between what is proved and found" if bounds else ""
    return _svg(figure, f"Margins ({norm}; the grey line is ε{bands})", axes)


def _draw_margins(ax: Axes, panel: Panel, label: str, index: int) -> None:
    """Draw a curve, and the band below in which it may lie where distances are between bounds."""
    if panel.margins is None:
        return
    colour = _COLOURS[index % len(_COLOURS)]
    x, y = _survival(panel.margins.ravel())
    ax.step(
        x, y, where="post", label=label, linewidth=1.3, color=colour,
        linestyle=_DASHES[index % len(_DASHES)],
    )  # fmt: skip
    if panel.between is not None:
        at, least = _survival(panel.between[0].ravel())
        every = np.union1d(x, at)
        ax.fill_between(
            every, _at(every, at, least), _at(every, x, y), step="post", color=colour, alpha=0.08,
            linewidth=0,
        )  # fmt: skip


def _at(every: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the heights at ``every`` distance of a step curve that falls at ``x`` to ``y``."""
    return y[np.searchsorted(x, every, side="right") - 1]


def _survival(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the step curve of the share beyond each distance; inf never drops out.

    At most ``_STEPS`` steps: more could not be told apart, and make the file large.
    """
    finite = np.sort(distances[np.isfinite(distances)])
    rank = np.unique(np.linspace(1, len(finite), min(len(finite), _STEPS)).astype(int))
    remaining = 100 * (1 - rank / max(len(distances), 1))
    return np.concatenate([[0.0], finite[rank - 1]]), np.concatenate([[100.0], remaining])


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


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(count, 3)
    lines = -(-count // columns)
    figure = Figure(figsize=(3.6 * columns + 0.6, height * lines), layout="constrained")
    FigureCanvasSVG(figure)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for unused in grid[count:]:
        unused.set_visible(False)
    return figure, list(grid[:count])


def _svg(figure: Figure, title: str, axes: Sequence[Axes]) -> bytes:
    # a panel of models that nothing could train or attack has no entries
    legends = [ax.get_legend_handles_labels() for ax in axes]
    handles, labels = next((entry for entry in legends if entry[0]), ([], []))
    figure.suptitle(title, fontsize=10)
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 4))
    buffer = io.BytesIO()
    with rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    return buffer.getvalue()
