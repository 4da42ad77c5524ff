"""Write everything for people into a run folder, and the checksums of it all."""

from __future__ import annotations

from pathlib import Path

from genlabel_robust.core.files import write_bytes, write_checksums, write_text
from genlabel_robust.evaluation.reading import read_run
from genlabel_robust.reports.document import html_report
from genlabel_robust.reports.figures import margin_figure, robust_accuracy_figure
from genlabel_robust.reports.markdown import markdown_report

FIGURES = {
    "figures/robust-accuracy.svg": robust_accuracy_figure,
    "figures/margins.svg": margin_figure,
}


def write_reports(path: Path) -> None:
    """Write ``report.html``, ``report.md``, ``figures/*.svg`` and ``SHA256SUMS`` into ``path``.

    Raises ``OutputError`` if it holds no finished run.
    """
    run = read_run(path)
    (path / "figures").mkdir(exist_ok=True)
    for name, draw in FIGURES.items():
        write_bytes(path / name, draw(run))
    write_text(path / "report.md", markdown_report(run.results, tuple(FIGURES)))
    write_text(path / "report.html", html_report(run))
    write_checksums(path)
