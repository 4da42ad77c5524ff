"""A table's figure: published and measured values, with a panel per data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from genlabel_robust.paper.figures import ADVERSARIAL, GENLABEL, MIXUP, OTHER, figure_files

#: The maximum number of columns; the total width and the maximum width of a panel, in inches.
_COLUMNS, _WIDTH, _PANEL = 4, 7.8, 2.6


@dataclass(frozen=True)
class Series:
    """A series in a figure: the numbers under ``key`` in each row, and how to draw them.

    ``error``: the key of their standard error, drawn as an error bar, or None.
    """

    key: str
    label: str
    colour: str
    marker: str
    hollow: bool = False
    error: str | None = None

    @property
    def style(self) -> dict[str, Any]:
        """Return matplotlib's settings for the markers."""
        return {
            "linestyle": "none",
            "marker": self.marker,
            "color": self.colour,
            "markersize": 4.5 if self.marker == "o" else 3.8,
            "markeredgewidth": 1.0,
            "markerfacecolor": "white" if self.hollow else self.colour,
        }


PUBLISHED = Series("published", "published", ADVERSARIAL, "o", hollow=True)


def measured(label: str) -> Series:
    """Return the series of measured values."""
    return Series("measured", label, GENLABEL, "o", error="standard_error")


ACCURACY = (PUBLISHED, measured("here, ± one standard error"))
ROBUSTNESS = (
    PUBLISHED,
    measured("here, the same attack, ± one standard error"),
    Series("strongest", "suite strongest", MIXUP, "^"),
    Series("exact", "exact", OTHER, "D"),
)


def draw_table(
    folder: Path,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    series: Sequence[Series],
    what: str,
) -> None:
    """Write ``name``.svg and .png into ``folder``; ``rows``: the cells of a table.

    ``what``: the label of the axes, such as "accuracy".
    """
    datasets = list(dict.fromkeys(row["dataset"] for row in rows))
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    lines = -(-len(datasets) // _COLUMNS)
    columns = -(-len(datasets) // lines)
    # the legend and the title need the width of two panels
    width = max(2, columns) * min(_PANEL, _WIDTH / columns) + 1.2
    line = 0.17 + 0.05 * len(series)
    size = (width, (line * len(strategies) + 0.45) * lines + 1.0)
    title = f"{what[:1].upper()}{what[1:]} in percent: published, and measured again"
    names = ", ".join(one.label for one in series)
    description = (
        f"A panel per data set: for each strategy, in the order of the table, the {what} in "
        f"percent: {names}."
    )
    with figure_files(folder, name, size, title, description) as figure:
        grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
        for ax, dataset in zip_longest(grid.flat, datasets):
            if dataset is None:
                ax.set_axis_off()
                continue
            cells = [row for row in rows if row["dataset"] == dataset]
            _draw_panel(ax, dataset, strategies, cells, series)
        for ax in grid.flat[max(0, len(datasets) - columns) : len(datasets)]:
            ax.set_xlabel(f"{what}, %")
        handles = [_handle(one) for one in series]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(series))


def _draw_panel(
    ax: Axes,
    dataset: str,
    strategies: Sequence[str],
    cells: Sequence[Mapping[str, Any]],
    series: Sequence[Series],
) -> None:
    # file names may contain dollar signs
    ax.set_title(dataset, parse_math=False)
    for index, one in enumerate(series):
        # spread within a strategy's line, the first series on top
        shift = 0.66 * ((index + 0.5) / len(series) - 0.5)
        found = [row for row in cells if row[one.key] is not None]
        values = [100 * row[one.key] for row in found]
        lines = [strategies.index(row["strategy"]) + shift for row in found]
        if one.error is not None:
            errors = [100 * (row[one.error] or 0.0) for row in found]
            ax.errorbar(values, lines, xerr=errors, fmt="none", ecolor=one.colour, elinewidth=1.1)
        ax.plot(values, lines, **one.style)
    ax.set_yticks(range(len(strategies)), strategies)
    ax.set_ylim(len(strategies) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.08)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    ax.grid(axis="x", alpha=0.3)
    for line in range(1, len(strategies)):
        ax.axhline(line - 0.5, color="#000000", alpha=0.12, linewidth=0.6)


def _handle(one: Series) -> Line2D:
    return Line2D([], [], label=one.label, **one.style)
