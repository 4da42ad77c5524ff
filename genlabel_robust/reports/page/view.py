"""How a run's rows are ordered and named in the report."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from genlabel_robust.reports.page.markup import Markup, joined, name, plain_name
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: Data set and architecture: what models are compared on.
Pair: TypeAlias = tuple[str, str]
#: Pictures of more pairs do not stand beside the verdict, but in their sections.
_DRAWN = 2


def pairs(rows: Iterable[Row]) -> dict[Pair, list[Row]]:
    """Return the rows of each data set and architecture, in the order of the run."""
    found: dict[Pair, list[Row]] = {}
    for row in rows:
        found.setdefault((row.dataset, row.architecture), []).append(row)
    return found


def datasets(results: Results) -> dict[str, Dataset]:
    """Return what is said of each data set, in the order of the run: a file's is sorted."""
    return {one: results.datasets[one] for one, _ in pairs(results.rows)}


def drawn_first(results: Results) -> bool:
    """Say whether the pairs of a run are so few that the verdict draws them."""
    return len(pairs(results.rows)) <= _DRAWN


def strategies(rows: Sequence[Row]) -> list[str]:
    """Return the strategies of ``rows``, in the order of the run."""
    return list(dict.fromkeys(row.strategy for row in rows))


def ends(results: Results) -> list[float]:
    """Return the smallest and the largest ε of the run, one if it has but one."""
    eps = results.threat.eps
    return list(dict.fromkeys([eps[0], eps[-1]]))


def title(pair: Pair, results: Results) -> Markup:
    """Return the name of a pair; the architecture where the run has several."""
    several = len({row.architecture for row in results.rows}) > 1
    return joined([name(pair[0]), ", " if several else None, name(pair[1]) if several else None])


def plain_title(pair: Pair, results: Results) -> str:
    """Return that name as plain text."""
    several = len({row.architecture for row in results.rows}) > 1
    return ", ".join(map(plain_name, pair if several else pair[:1]))
