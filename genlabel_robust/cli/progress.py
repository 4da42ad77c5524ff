"""Progress on stderr: a bar on a terminal, lines with -v."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from genlabel_robust.evaluation.schedule import Progress


@contextmanager
def reporting(*, quiet: bool, verbose: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield what to call as cells end; the bar estimates what is left from this run's own pace."""
    if verbose:
        yield _line
    elif quiet or not sys.stderr.isatty():
        yield lambda progress: None
    else:
        with _bar() as show:
            yield show


def _line(progress: Progress) -> None:
    word = "found" if progress.reused else "done"
    click.echo(f"[{progress.done}/{progress.total}] {progress.label}: {word}", err=True)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("cells"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left:"), TimeRemainingColumn(), TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(progress: Progress) -> None:
            bar.update(
                task, completed=progress.done, total=progress.total, description=progress.label
            )

        yield show
