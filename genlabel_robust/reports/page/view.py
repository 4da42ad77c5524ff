"""The order and the names of a run's rows in the report."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from genlabel_robust.reports.page.markup import Markup, joined, name, plain_name
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: Data set and architecture, within which models are compared.
Pair: TypeAlias = tuple[str, str]
#: The maximum number of pairs whose charts are next to the verdict; others are in their sections.
_DRAWN = 2


def pairs(rows: Iterable[Row]) -> dict[Pair, list[Row]]:
    """Return the rows of each data set and architecture, in the order of the run."""
    found: dict[Pair, list[Row]] = {}
    for row in rows:
        found.setdefault((row.dataset, row.architecture), []).append(row)
    return found


def datasets(results: Results) -> dict[str, Dataset]:
    """Return the entries of data sets in the order of the run; those of a file are sorted."""
    return {one: results.datasets[one] for one, _ in pairs(results.rows)}


def drawn_first(results: Results) -> bool:
    """Return whether a run has few enough pairs for charts next to the verdict."""
    return len(pairs(results.rows)) <= _DRAWN


def strategies(rows: Sequence[Row]) -> list[str]:
    """Return the strategies of ``rows``, in the order of the run."""
    return list(dict.fromkeys(row.strategy for row in rows))


def ends(results: Results) -> list[float]:
    """Return the smallest and the largest ε of the run, or its only ε."""
    eps = results.threat.eps
    return list(dict.fromkeys([eps[0], eps[-1]]))


def title(pair: Pair, results: Results) -> Markup:
    """Return the name of a pair: the data set, and the architecture if the run has several."""
    several = len({row.architecture for row in results.rows}) > 1
    return joined([name(pair[0]), ", " if several else None, name(pair[1]) if several else None])


def plain_title(pair: Pair, results: Results) -> str:
    """Return the same name as plain text."""
    several = len({row.architecture for row in results.rows}) > 1
    return ", ".join(map(plain_name, pair if several else pair[:1]))
