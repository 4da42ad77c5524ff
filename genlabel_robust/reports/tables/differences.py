"""Tables of differences between strategies: to the run's first one, and between all pairs."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from genlabel_robust.core import plural
from genlabel_robust.reports.tables.results import CLEAN, WORST
from genlabel_robust.reports.tables.table import Cell, Column, Table, difference
from genlabel_robust.runs.results.results import Results
from genlabel_robust.statistics import Estimate

#: ε, or None for clean rows -> the difference of two strategies' accuracies.
Measured: TypeAlias = Mapping[float | None, Estimate]
#: (strategy, strategy that is subtracted) -> their differences.
Pairs: TypeAlias = Mapping[tuple[str, str], Measured]

#: The mark of a difference, and its explanation.
MARK = "*"
MARKED = f"{MARK}: the 95 % interval of this difference leaves out 0"


def pairs_of(results: Results, dataset: str, architecture: str) -> Pairs:
    """Return the differences between all pairs of strategies, in the order of the run."""
    found: dict[tuple[str, str], dict[float | None, Estimate]] = {}
    for one in results.differences:
        if (one.dataset, one.architecture) == (dataset, architecture):
            found.setdefault((one.strategy, one.reference), {})[one.eps] = one.difference
    return found


def to_the_first(pairs: Pairs, first: str) -> dict[str, Measured]:
    """Return the differences of each strategy to the ``first``."""
    return {strategy: of for (strategy, other), of in pairs.items() if other == first}


def differences_table(chosen: Mapping[str, Measured], eps: Sequence[float]) -> Table:
    """Return a table of the differences of each strategy in ``chosen``: clean, and at each ε."""
    return Table(
        (Column("strategy", "name"), *_columns(eps)),
        tuple((Cell(strategy), *_cells(of, eps)) for strategy, of in chosen.items()),
    )


def pairs_table(pairs: Pairs, eps: Sequence[float]) -> Table:
    """Return a table of the differences of all ``pairs``, like ``differences_table``."""
    return Table(
        (Column("strategy", "name"), Column("minus", "name"), *_columns(eps)),
        tuple(
            (Cell(strategy), Cell(other), *_cells(of, eps))
            for (strategy, other), of in pairs.items()
        ),
    )


def pairs_title(pairs: Pairs, eps: Sequence[float]) -> str:
    """Return the title of the collapsed table of all pairs.

    It states how many differences in robust accuracy at the largest ε have a mark.
    """
    known = [of[eps[-1]] for of in pairs.values() if eps[-1] in of]
    clear = sum(map(_leaves_out_0, known))
    at = f" at ε = {eps[-1]:g}" if len(eps) > 1 else ""
    return (
        f"Differences between all {plural(len(pairs), 'pair')} of strategies "
        f"(interval without 0 in the worst case{at}: {clear} of {len(known)})"
    )


def _columns(eps: Sequence[float]) -> list[Column]:
    titles = [CLEAN, *(WORST if len(eps) == 1 else f"{WORST}, ε = {one:g}" for one in eps)]
    return [Column(title, "difference") for title in titles]


def _cells(of: Measured, eps: Sequence[float]) -> list[Cell]:
    return [_marked(of.get(one)) for one in (None, *eps)]


def _marked(estimate: Estimate | None) -> Cell:
    cell = difference(estimate)
    if estimate is None or not _leaves_out_0(estimate):
        return cell
    return Cell(f"{cell.said}{MARK}", cell.beside)


def _leaves_out_0(estimate: Estimate) -> bool:
    return estimate.low > 0 or estimate.high < 0
