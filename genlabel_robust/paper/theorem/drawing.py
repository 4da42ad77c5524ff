"""The theorem's figure: three losses over the angle, with a panel per model and norm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genlabel_robust.paper.figures import ADVERSARIAL, GENLABEL, MIXUP, figure_files

FIGURE = "theorem"
_CURVES = (("mixup", MIXUP, "-"), ("genlabel", GENLABEL, "--"), ("adversarial", ADVERSARIAL, ":"))


def draw(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the ``rows`` of ``theorem.run`` and write the figure into ``folder``."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    norms = list(dict.fromkeys(row["norm"] for row in rows))
    title = "Mixup's, GenLabel's and the adversarial loss of a model turned by φ"
    description = (
        "Loss in nats against the angle of the model, a panel per model and norm of its weights. "
        "Where the model classifies all points correctly, marked in grey, mixup's loss lies "
        "above GenLabel's and that above the adversarial loss."
    )
    size = (2.2 * len(norms) + 0.4, 1.9 * len(models) + 0.5)
    with figure_files(folder, FIGURE, size, title, description) as figure:
        grid = figure.subplots(len(models), len(norms), squeeze=False, sharex=True)
        for row in rows:
            ax = grid[models.index(row["model"]), norms.index(row["norm"])]
            for name, colour, dashes in _CURVES:
                ax.plot(row["phi"], row[name], color=colour, linestyle=dashes, label=name)
            if row["correct_to"] is not None:
                ax.axvspan(-row["correct_to"], row["correct_to"], color="#000000", alpha=0.07)
            ax.set_title(f"{row['model']}, norm {row['norm']:g}")
            ax.set_ylabel("loss" if row["exact"] else "loss (adversarial: at least)")
            ax.grid(alpha=0.3)
        for ax in grid[-1]:
            ax.set_xlabel("φ / π")
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
