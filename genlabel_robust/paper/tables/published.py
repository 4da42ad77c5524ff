"""The paper's published numbers, as in its tables."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

TableName: TypeAlias = Literal["accuracy", "robust_accuracy"]

#: Strategies that the authors' code trains in another way than their paper says -> the name of
#: that way in this package.
RELEASED: Mapping[str, str] = MappingProxyType({"adamixup": "adamixup-fixed-policy"})

_FILE = Path(__file__).with_name("published.csv")


@cache
def published(table: TableName) -> MappingProxyType[tuple[str, str], float]:
    """Return (data set, strategy) -> published fraction, in the table's order.

    Data sets are named ``openml:ID``. Source: Sohn et al. 2022 (2201.02354).
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


def measured_strategies(table: TableName) -> tuple[str, ...]:
    """Return the strategies to measure for ``table``, in the form of the authors' code.

    AdaMixup is measured in two forms: the one of the authors' code, whose policy keeps its random
    initialization, and the one that its paper describes, which has no published numbers.
    """
    found: list[str] = []
    for strategy in strategies(table):
        found += [RELEASED[strategy], strategy] if strategy in RELEASED else [strategy]
    return tuple(found)


def published_value(table: TableName, dataset: str, strategy: str) -> float | None:
    """Return the published number to compare with a measured ``strategy``, or None."""
    if strategy in RELEASED:
        return None
    called = {ours: theirs for theirs, ours in RELEASED.items()}
    return published(table).get((dataset, called.get(strategy, strategy)))
