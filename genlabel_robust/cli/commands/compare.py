"""``compare``: finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from genlabel_robust.cli.printing import open_in_browser, say, say_json, say_text

if TYPE_CHECKING:
    from genlabel_robust.side_by_side import Comparison

FORMATS = ("table", "md", "json", "html")


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN1 RUN2 ...", type=Path)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Format of the output.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write. [default: print the output]",
)
@click.option(
    "--level",
    type=float,
    default=0.95,
    show_default=True,
    metavar="SHARE",
    help=(
        "Level of the intervals. At 0.9, the intervals of differences end at the gate's one-sided "
        "bounds."
    ),
)
@click.option("--open", "show", is_flag=True, help="Open the HTML file of --out in the browser.")
def compare(runs: tuple[Path, ...], form: str, out: Path | None, level: float, show: bool) -> None:
    """Show finished runs side by side: models, suites or days, each against RUN1.

    RUN is the folder of a run, or a bundle's zip that contains the rows.

    You see first the settings that differ, then the numbers and their differences with
    intervals, then the rows that changed. Differences are paired if the same rows were tested;
    the output says where they are not. `compare` only shows differences; `gate` decides whether
    one is allowed.

    Exit codes: 0 compared, whatever differs; 2 a folder contains no run, or files that do not
    fit each other; 3 a run has not ended; 4 the runs share no data set, or no model.

    \b
    Examples:
      genlabel-robust compare runs/monday runs/tuesday
      genlabel-robust compare runs/a runs/b runs/c --format html --out abc.html
    """
    from genlabel_robust.side_by_side import compare as compare_runs

    if show and (form != "html" or out is None):
        raise click.UsageError("--open needs --format html and --out FILE")
    found = compare_runs(*runs, level=level)
    if out is not None:
        _write(_text(found, form), out)
        say(str(out), err=True)
    elif form == "table":
        _print(found)
    else:
        (say_json if form == "json" else say_text)(_text(found, form))
    if show and out is not None:
        open_in_browser(out)


def _text(found: Comparison, form: str) -> str:
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.side_by_side.text import comparison_markdown, printed

    if form == "html":
        return found.to_html()
    if form == "json":
        return json_text(found.as_dict())
    return comparison_markdown(found) if form == "md" else printed(found)


def _print(found: Comparison) -> None:
    import shutil

    from genlabel_robust.side_by_side.text import printed

    say_text(printed(found, shutil.get_terminal_size().columns))


def _write(text: str, out: Path) -> None:
    from genlabel_robust.core import OutputError
    from genlabel_robust.core.files.writing import write_bytes

    try:
        write_bytes(out, text.encode())
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror}; give --out FILE") from error
