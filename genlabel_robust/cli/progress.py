"""Progress on stderr: a bar on a terminal, lines with -v."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genlabel_robust.cli.printing import say
from genlabel_robust.core.plain_text import plain

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
        with bar("cells") as show:
            yield lambda progress: show(progress.done, progress.total, progress.label)


def _line(progress: Progress) -> None:
    word = "found" if progress.reused else "done"
    say(f"[{progress.done}/{progress.total}] {progress.label}: {word}", err=True)


@contextmanager
def bar(what: str) -> Iterator[Callable[[float, int, str], None]]:
    """Yield what moves a bar on stderr, given how much has ended, of how much, and its name."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left:"), TimeRemainingColumn(), TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting", total=None)
        yield lambda done, total, name: shown.update(
            task, completed=done, total=total, description=plain(name)
        )
