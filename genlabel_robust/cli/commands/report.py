"""``report``: the report of a finished run, in the form that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from genlabel_robust.cli.naming_parts import PART, admit
from genlabel_robust.cli.printing import open_in_browser, say, say_json, say_text

if TYPE_CHECKING:
    from genlabel_robust.runs.folder.bundle import Part

FORMATS = ("html", "md", "json", "pdf")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="html",
    show_default=True,
    help="Format of the output.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "File to write; - prints. [default: RUN/report.html for html, RUN/report.pdf for pdf; "
        "other formats are printed]"
    ),
)
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="NAME",
    help="Write only this section, in html or pdf. Repeatable. [default: all]",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help=(
        "Write this zip instead, to share the run: results, pages, figures and manifest, without "
        "rows and models."
    ),
)
@click.option(
    "--with",
    "added",
    multiple=True,
    type=click.Choice(("rows", "model")),
    help="With --bundle: add test rows and adversarial rows, or the models. Repeatable.",
)
@click.option("--open", "show", is_flag=True, help="Open the file, html or pdf, in the browser.")
@PART
def report(
    run: Path,
    form: str,
    out: Path | None,
    sections: tuple[str, ...],
    bundle: Path | None,
    added: tuple[Part, ...],
    show: bool,
    parts: tuple[str, ...],
) -> None:
    """Write the audit report of the finished RUN: one HTML file that needs no network.

    In RUN itself, report.md, the figures and the checksums are then written again, too. With
    --format pdf the same report is laid out in pages; install 'genlabel-robust[pdf]' for it.
    With --bundle nothing is written into RUN.
    """
    admit(parts)
    if bundle is None and added:
        raise click.UsageError("--with works only with --bundle; add --bundle FILE.zip")
    if bundle is not None:
        if form != "html" or out is not None or sections or show:
            raise click.UsageError(
                "--bundle packs the whole run; the only other option it allows is --with"
            )
        _pack(run, bundle, added)
        return
    paged = form in ("html", "pdf")
    if not paged and (sections or show):
        raise click.UsageError(
            f"--section and --open work only with --format html or pdf; it is {form!r}"
        )
    if paged and out is None and sections:
        raise click.UsageError(
            f"--section leaves out parts, but RUN/report.{form} must be the whole report; give "
            "--out FILE"
        )
    printed = str(out) == "-" or (out is None and not paged)
    if printed and (show or form == "pdf"):
        what = "a PDF" if form == "pdf" else "--open"
        raise click.UsageError(f"{what} needs a file; give --out FILE, or leave it out")
    if printed:
        (say_json if form == "json" else say_text)(_text(run, form, sections))
        return
    path = _written(run, form, sections, out)
    say(str(path), err=True)
    if show:
        open_in_browser(path)


def _pack(run: Path, out: Path, added: tuple[Part, ...]) -> None:
    from genlabel_robust.core import OutputError
    from genlabel_robust.core.files.writing import write_bytes
    from genlabel_robust.reports.bundle import bundle

    if out.suffix.lower() != ".zip":
        raise click.UsageError(f"--bundle is {str(out)!r}; its ending must be .zip")
    content = bundle(run, added)
    try:
        write_bytes(out, content)
    except OSError as error:
        raise OutputError(
            f"cannot write {out}: {error.strerror}; give another --bundle FILE.zip"
        ) from error
    left = [name for name in ("rows", "model") if name not in added]
    say(f"{out}: without {' and '.join(left)}" if left else f"{out}: the whole run", err=True)


def _text(run: Path, form: str, sections: tuple[str, ...]) -> str:
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.runs.folder.stored_run import read_run

    stored = read_run(run)
    if form == "html":
        from genlabel_robust.reports.page.document import html_report

        return html_report(stored, sections)
    if form == "md":
        from genlabel_robust.reports.write import markdown_of

        return markdown_of(stored)
    return json_text(stored.results)


def _written(run: Path, form: str, sections: tuple[str, ...], out: Path | None) -> Path:
    from genlabel_robust.core import OutputError
    from genlabel_robust.core.files.writing import write_bytes
    from genlabel_robust.reports.write import write_pdf, write_reports

    try:
        if form == "pdf":
            return write_pdf(run, out, sections)
        if out is None:
            write_reports(run)
            return run / "report.html"
        write_bytes(out, _text(run, form, sections).encode())
    except OSError as error:
        where = run if out is None else out
        raise OutputError(f"cannot write {where}: {error.strerror}; give --out FILE") from error
    return out
