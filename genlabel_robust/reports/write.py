"""Writing reports, figures and checksums into a run folder."""

from collections.abc import Sequence
from pathlib import Path

from genlabel_robust.core.files.writing import (
    own_folder,
    refuse_links,
    write_all,
    write_bytes,
    write_checksums,
)
from genlabel_robust.reports.page.charts_of_run import margin_figure, robust_accuracy_figure
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.page.pdf import pdf_report
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.words.audited_model import named_run
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run

FIGURES = {
    "figures/robust-accuracy.svg": robust_accuracy_figure,
    "figures/margins.svg": margin_figure,
}


def render(path: Path, content: bytes | None = None) -> dict[str, bytes]:
    """Return file name -> bytes of the pages and figures of the run in ``path``.

    Writes nothing. ``content``: of ``results.json``, in place of the file. The run is not checked,
    as ``verify`` uses this and reports all differences. Raises ``OutputError`` if ``path`` has no
    finished run.
    """
    return _pages(read_run(path, content=content, checked=False))


def _pages(run: StoredRun) -> dict[str, bytes]:
    named = named_run(run)
    pages = {name: draw(named) for name, draw in FIGURES.items()}
    pages["report.md"] = markdown_of(run).encode()
    pages["report.html"] = html_report(run).encode()
    return pages


def markdown_of(run: StoredRun) -> str:
    """Return ``report.md`` of a run."""
    return markdown_report(run.results, tuple(FIGURES), title=run.title, purpose=run.purpose)


def write_reports(path: Path) -> None:
    """Write ``report.html``, ``report.md``, ``figures/*.svg`` and ``SHA256SUMS`` into ``path``.

    Raises ``OutputError`` if ``path`` contains no finished run, or if ``figures`` is a link.
    """
    refuse_links(path, "figures")
    # everything is rendered before the first file is written
    pages = _pages(read_run(path))
    own_folder(path, "figures")
    write_all(path, pages)
    write_checksums(path)


def write_pdf(path: Path, out: Path | None = None, sections: Sequence[str] = ()) -> Path:
    """Write the report of the run in ``path`` as a PDF, and return its path.

    ``out``: by default ``report.pdf`` in the run folder, whose checksums then include it.
    Raises ``OutputError`` if there is no finished run, ``UsageError`` without WeasyPrint.
    """
    content = pdf_report(read_run(path), sections)
    file = path / "report.pdf" if out is None else out
    write_bytes(file, content)
    if out is None:
        write_checksums(path)
    return file
