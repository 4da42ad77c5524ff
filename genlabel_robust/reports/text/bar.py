"""A bar for an accuracy in the terminal, with a line for the interval below it."""

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
    """Return a bar of ``CELLS`` characters for a fraction; ``plain``: in ASCII.

    Only 0 gives an empty bar, and only 1 a full one. Dots fill the rest.
    """
    steps = 1 if plain else 8
    filled = round(value * CELLS * steps)
    if 0 < value < 1:
        filled = min(max(filled, 1), CELLS * steps - 1)
    whole, part = divmod(filled, steps)
    drawn = ("#" if plain else "█") * whole + (_EIGHTHS[part] if part else "")
    return drawn + ("." if plain else "·") * (CELLS - len(drawn))


def whisker(low: float, high: float, *, plain: bool = False) -> str:
    """Return a line for an interval, on the scale of ``bar``, that covers at least the interval."""
    first, last = floor(low * 2 * CELLS), ceil(high * 2 * CELLS)
    first = min(first, 2 * CELLS - 1)
    covered = [first <= half < max(last, first + 1) for half in range(2 * CELLS)]
    pairs = list(zip(covered[::2], covered[1::2], strict=True))
    return "".join(("-" if any(p) else " ") if plain else _HALVES[p] for p in pairs)


@dataclass(frozen=True)
class Barred:
    """A table cell with an accuracy and its bar; ``width``: characters of the numbers.

    The bar is in ASCII if the console cannot show block characters.
    """

    cell: Cell
    width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # the fonts of legacy consoles lack most block characters
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
    """The bar of an accuracy without numbers, for a table with separate columns for these."""

    value: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        drawn = bar(self.value, plain=options.ascii_only or options.legacy_windows)
        solid = drawn.rstrip(".·")
        yield Text.assemble(solid, (drawn[len(solid) :], "dim"))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(CELLS, CELLS)
