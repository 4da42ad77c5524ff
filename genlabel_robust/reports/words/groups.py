"""The grouping of a run's rows in reports."""

from collections.abc import Iterator
from itertools import groupby

from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row


def grouped(
    results: Results,
) -> Iterator[tuple[tuple[str, str, float], list[Row]]]:
    """Yield the rows of each (dataset, architecture, ε), in the order of the run."""

    def key(row: Row) -> tuple[str, str, float]:
        return row.dataset, row.architecture, row.eps

    order = {k: i for i, k in enumerate(dict.fromkeys(map(key, results.rows)))}
    for name, rows in groupby(sorted(results.rows, key=lambda r: order[key(r)]), key):
        yield name, list(rows)
