"""What an attacker can really do to a feature: by whole numbers, or to another category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.threat.constraints import KINDS

_MOVES = {"whole": "by whole numbers", "category": "to another category"}


def features_table(
    features: Sequence[Mapping[str, Any]],
    threat: Mapping[str, Any],
    bounds: Mapping[str, str] | None = None,
) -> Table:
    """Return how each feature may be changed, and by how much at each ε.

    ``bounds``: those that the user set, in words; with a column of them if there is any.
    """
    limits = threat.get("constraints", {})
    titles = ["may be changed", *(["bounds"] if bounds else [])]
    return Table(
        (
            Column("feature", "name"),
            *(Column(title, "text") for title in titles),
            *(Column(f"ε = {eps:g}") for eps in threat["eps"]),
        ),
        tuple(
            (
                Cell(feature["name"]),
                Cell(_may_change(feature, limits)),
                *([Cell(bounds.get(feature["name"], "its range"))] if bounds else []),
                *(Cell(_budget(feature, index)) for index in range(len(threat["eps"]))),
            )
            for feature in features
        ),
    )


def _may_change(feature: Mapping[str, Any], constraints: Mapping[str, Any]) -> str:
    """Return whether, and how, a feature of ``results.json`` may be changed."""
    if not feature["mutable"]:
        return "no"
    name = feature["name"]
    words = [_MOVES[feature["moves"]]] if "moves" in feature else []
    words += [
        declared.in_words
        for kind, declared in KINDS.items()
        if declared.in_words and name in constraints.get(kind, ())
    ]
    return ", ".join(["yes", *words])


def _budget(feature: Mapping[str, Any], index: int) -> str:
    """Return by how much budget number ``index`` of a run lets a feature be changed.

    What is under one step is nothing, and what it is stands beside that.
    """
    if not feature["mutable"]:
        return "0"
    raw = f"{feature['raw_eps'][index]:.4g}"
    if "moves" not in feature:
        return raw
    reached = feature["reach"][index]
    return f"{reached:.10g}" if reached else f"0 ({raw} is under one step)"
