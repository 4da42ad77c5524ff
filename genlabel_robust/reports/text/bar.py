"""A bar beside a figure in the terminal: its length is an accuracy, the line below its interval."""

from dataclasses import dataclass
from math import ceil, floor

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from genlabel_robust.reports.tables.table import Cell

CELLS = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HALVES = {(True, True): "─", (True, False): "╴", (False, True): "╶", (False, False): " "}


def bar(value: float, *, plain: bool = False) -> str:
    """Return a bar of ``CELLS`` characters; ``plain``: of ASCII only.

    It is empty for 0 only, and full for 1 only; dots show where it would end.
    """
    steps = 1 if plain else 8
    filled = round(value * CELLS * steps)
    if 0 < value < 1:
        filled = min(max(filled, 1), CELLS * steps - 1)
    whole, part = divmod(filled, steps)
    drawn = ("#" if plain else "█") * whole + (_EIGHTHS[part] if part else "")
    return drawn + ("." if plain else "·") * (CELLS - len(drawn))


def whisker(low: float, high: float, *, plain: bool = False) -> str:
    """Return the line of an interval, under the bar of the same scale; never shorter than it."""
    first, last = floor(low * 2 * CELLS), ceil(high * 2 * CELLS)
    first = min(first, 2 * CELLS - 1)
    covered = [first <= half < max(last, first + 1) for half in range(2 * CELLS)]
    pairs = list(zip(covered[::2], covered[1::2], strict=True))
    return "".join(("-" if any(p) else " ") if plain else _HALVES[p] for p in pairs)


@dataclass(frozen=True)
class Barred:
    """An accuracy with its bar, for a cell of a table; ``width``: characters of the figures.

    Where the console has no such signs, a bar is of ASCII.
    """

    cell: Cell
    width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # the fonts of a legacy console have whole and half blocks only
        plain = options.ascii_only or options.legacy_windows
        cell = self.cell
        drawn = " " * CELLS if cell.share is None else bar(cell.share, plain=plain)
        below = " " * CELLS if cell.ends is None else whisker(*cell.ends, plain=plain)
        solid = drawn.rstrip(".·")
        yield Text.assemble(
            solid,
            (drawn[len(solid) :], "dim"),
            " ",
            (cell.said.rjust(self.width), "bold"),
            "\n",
            below,
            " ",
            (cell.beside.rjust(self.width), "dim"),
        )

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = CELLS + 1 + self.width
        return Measurement(width, width)


@dataclass(frozen=True)
class Line:
    """The bar of an accuracy alone, for a table that has the figures in columns of their own."""

    value: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        drawn = bar(self.value, plain=options.ascii_only or options.legacy_windows)
        solid = drawn.rstrip(".·")
        yield Text.assemble(solid, (drawn[len(solid) :], "dim"))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(CELLS, CELLS)
