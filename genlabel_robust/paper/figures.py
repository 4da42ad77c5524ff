"""Writing the paper's figures as SVG and PNG, with the same bytes for the same data."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from genlabel_robust.core.files.writing import write_bytes

#: Okabe and Ito's colours, which readers with any colour vision can distinguish.
MIXUP, GENLABEL, ADVERSARIAL, OTHER = "#D55E00", "#0072B2", "#000000", "#009E73"

#: Pixels per inch of a PNG, and of the rasterized parts of an SVG.
_DPI = 100
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "genlabel_robust",
    "svg.fonttype": "none",
    "font.size": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.3,
}


@contextmanager
def figure_files(
    folder: Path, name: str, size: tuple[float, float], title: str, description: str
) -> Iterator[Figure]:
    """Yield an empty figure of ``size`` inches, and write it to ``name``.svg and .png afterwards.

    ``title``: for the metadata, and above the figure. ``description``: a sentence on what the
    figure shows, for readers who cannot see it. ``folder``: created if missing.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained", dpi=_DPI)
        FigureCanvasAgg(figure)
        yield figure
        figure.suptitle(title, fontsize=9)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, undated in (("svg", "Date"), ("png", "Software")):
            about: dict[Any, Any] = {"Title": title, "Description": description, undated: None}
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, dpi=_DPI, metadata=about)
            write_bytes(folder / f"{name}.{kind}", buffer.getvalue())
