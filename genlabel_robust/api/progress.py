"""Progress bars by rich in a notebook and in a terminal; none where output goes to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from genlabel_robust.runs.assess.attacking import Step
    from genlabel_robust.runs.execute.schedule import Progress


@contextmanager
def cells_bar(
    *, wanted: bool = True, console: Console | None = None
) -> Iterator[Callable[[Progress], None] | None]:
    """Yield a function that moves a bar as cells of a run end; None if no bar is visible."""
    with steps_bar(wanted=wanted, console=console) as move:
        if move is None:
            yield None
        else:
            yield lambda progress: move(progress.done, progress.total, progress.label)


@contextmanager
def steps_bar(*, wanted: bool = True, console: Console | None = None) -> Iterator[Step | None]:
    """Yield a function that moves a bar as steps of an audit end; None if no bar is visible.

    ``wanted``: whether to draw a bar at all. ``console``: where to draw it, by default in
    the notebook, or on standard error if that is a terminal, where the bar disappears at the end.
    """
    screen = _visible() if wanted and console is None else console
    if not wanted or screen is None:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=screen, transient=not screen.is_jupyter) as bar:
        task = bar.add_task("", total=None)

        def move(done: float, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name)

        yield move


def _visible() -> Console | None:
    from rich.console import Console

    console = Console()
    if console.is_jupyter:
        return console
    return Console(stderr=True) if sys.stderr.isatty() else None
