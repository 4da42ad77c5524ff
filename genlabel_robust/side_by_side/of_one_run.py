"""The differences between the strategies of one run, as a data frame."""

from collections.abc import Iterator
from itertools import combinations
from math import inf
from typing import Any

import pandas as pd

from genlabel_robust.core import refuse_unknown
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.side_by_side.measuring import Side, margin_measure

FRACTION, DISTANCE = "fraction of test rows", "distance in the unit of ε"
#: The level of the intervals in ``results.json``.
_LEVEL = 0.95
_COLUMNS = (
    *("dataset", "architecture", "strategy", "reference", "measure", "eps", "unit"),
    *("difference", "low", "high", "excludes_zero", "note"),
)


def strategy_differences(run: StoredRun, strategy: str | None = None) -> pd.DataFrame:
    """Return a row for each measure of each pair of strategies; see ``Run.differences``.

    ``strategy``: return only its pairs, as its value minus the other's. Raises
    ``UnknownNameError`` for a strategy that the run does not have.
    """
    if strategy is not None:
        known = {row.strategy for row in run.results.rows}
        refuse_unknown("strategy", strategy, known, of="the run")
    rows = [*_accuracies(run), *_margins(run)]
    if strategy is not None:
        turned = [one if one["strategy"] == strategy else _turned(one) for one in rows]
        rows = [one for one in turned if one["strategy"] == strategy]
    order = {group: number for number, group in enumerate(run.panels)}
    keys = ("dataset", "architecture", "reference"), ("dataset", "architecture", "strategy")
    rows.sort(key=lambda one: [order[one[a], one[b], one[c]] for a, b, c in keys])
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    outside = (table["low"] > 0) | (table["high"] < 0)
    return table.assign(excludes_zero=outside.astype(bool))


def _accuracies(run: StoredRun) -> Iterator[dict[str, Any]]:
    for one in run.results.differences:
        found = one.difference
        yield {
            "dataset": one.dataset,
            "architecture": one.architecture,
            "strategy": one.strategy,
            "reference": one.reference,
            "measure": one.measure,
            "eps": one.eps,
            "unit": FRACTION,
            "difference": found.value,
            "low": found.low,
            "high": found.high,
            "note": f"{one.open} answers are open" if one.open else "",
        }


def _margins(run: StoredRun) -> Iterator[dict[str, Any]]:
    """Yield the differences of margins for pairs whose medians are both known.

    If a median is unknown, most distances are beyond the search, and most rows would tie.
    """
    threat = run.results.threat
    for (first, one), (second, other) in combinations(run.panels.items(), 2):
        if first[:2] != second[:2]:
            continue
        sides = Side(first[2], one, threat), Side(second[2], other, threat)
        measure = margin_measure(sides, _LEVEL)
        (found,) = measure.differences
        medians = [value.margin and value.margin.median for value in measure.values.values()]
        if found.median is None or None in medians:
            continue
        low, high = found.median["low"], found.median["high"]
        yield {
            "dataset": first[0],
            "architecture": first[1],
            "strategy": second[2],
            "reference": first[2],
            "measure": "margin",
            "eps": None,
            "unit": DISTANCE,
            "difference": found.median["value"],
            "low": -inf if low is None else low,
            "high": inf if high is None else high,
            "note": "" if found.by == "exact" else "of the nearest examples found",
        }


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    """Return the difference with strategy and reference exchanged."""
    names = {"strategy": row["reference"], "reference": row["strategy"]}
    ends = {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}
    return row | names | ends
