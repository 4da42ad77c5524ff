"""The rows of a run as its reports group them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any


def grouped(
    results: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str, float], list[Mapping[str, Any]]]]:
    """Yield the rows of each (dataset, architecture, ε), in the order of the run."""

    def key(row: Mapping[str, Any]) -> tuple[str, str, float]:
        return row["dataset"], row["architecture"], row["eps"]

    order = {k: i for i, k in enumerate(dict.fromkeys(map(key, results["rows"])))}
    for name, rows in groupby(sorted(results["rows"], key=lambda r: order[key(r)]), key):
        yield name, list(rows)
