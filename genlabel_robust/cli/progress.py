"""Progress on stderr: a bar on a terminal, or lines with -v."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from genlabel_robust.cli.printing import say
from genlabel_robust.core import plain

if TYPE_CHECKING:
    from genlabel_robust.cli.remaining import Remaining
    from genlabel_robust.runs.assess.attacking import Step
    from genlabel_robust.runs.execute.schedule import Progress


@contextmanager
def reporting(*, quiet: bool, verbose: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield the callback for finished cells; its bar estimates the time left from this run."""
    if verbose:
        yield _line
    elif quiet or not sys.stderr.isatty():
        yield lambda progress: None
    else:
        from genlabel_robust.cli.remaining import Remaining

        remaining = Remaining()
        with _progress_bar("cells", remaining) as show:
            yield lambda progress: _cell(progress, remaining, show)


def _line(progress: Progress) -> None:
    word = "already in the folder" if progress.reused else "done"
    say(f"[{progress.done}/{progress.total}] {progress.label}: {word}", err=True)


def _cell(
    progress: Progress, remaining: Remaining, show: Callable[[float, int, str], None]
) -> None:
    # a reused cell took no time, so it says nothing about the pace
    if not progress.reused:
        remaining.report(progress.share)
    show(progress.done, progress.total, progress.label)


@contextmanager
def bar(what: str, *, kinds: bool = False) -> Iterator[Callable[[float, int, str], None]]:
    """Yield the callback that moves a bar on stderr: (done, total, name of the current work).

    ``kinds``: whether the names are kinds of work, which may differ in pace.
    """
    from genlabel_robust.cli.remaining import Remaining

    remaining = Remaining()

    def step(done: float, total: int, name: str) -> None:
        remaining.report(done / total if total else 1.0, name if kinds else "")
        show(done, total, name)

    with _progress_bar(what, remaining) as show:
        yield step


@contextmanager
def steps(*, quiet: bool) -> Iterator[Step]:
    """Yield the callback for the steps of attacks on one model; it shows a bar on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, name: None
        return
    with bar("attacks", kinds=True) as show:
        yield show


@contextmanager
def _progress_bar(what: str, remaining: Remaining) -> Iterator[Callable[[float, int, str], None]]:
    """Yield the callback that draws the bar, with an estimate of the time left if possible."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    from genlabel_robust.reports.text.forecast import duration

    class Left(ProgressColumn):
        """The column with the estimated time left."""

        def render(self, task: Any) -> Text:
            seconds = remaining.seconds()
            return Text("" if seconds is None else f"about {duration(seconds)} left")

    columns = (
        TextColumn(what),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        Left(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda done, total, name: progress.update(
            task, completed=done, total=total, description=plain(name)
        )
