"""The paper's published numbers, as they stand in its tables."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

TableName: TypeAlias = Literal["accuracy", "robust_accuracy"]

_FILE = Path(__file__).with_name("published.csv")


@cache
def published(table: TableName) -> MappingProxyType[tuple[str, str], float]:
    """Return the published fraction of each cell (dataset, strategy), in the table's order.

    Data sets are called ``openml:ID``. Source: Sohn et al. 2022 (2201.02354).
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == table]
    cells = {
        (f"openml:{row['openml_id']}", row["strategy"]): float(row["percent"]) / 100 for row in rows
    }
    return MappingProxyType(cells)


def datasets(table: TableName) -> tuple[str, ...]:
    """Return the data sets of ``table``, in its order."""
    return tuple(dict.fromkeys(dataset for dataset, _ in published(table)))


def strategies(table: TableName) -> tuple[str, ...]:
    """Return the strategies of ``table``, in its order."""
    return tuple(dict.fromkeys(strategy for _, strategy in published(table)))
