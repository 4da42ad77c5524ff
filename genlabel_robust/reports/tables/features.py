"""A table of how an attacker can change each feature, with integers and categories."""

from collections.abc import Mapping, Sequence

from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.runs.results.dataset import Feature, Moves
from genlabel_robust.threat import Constraints, ThreatModel
from genlabel_robust.threat.constraints.constraints import KINDS

_MOVES: Mapping[Moves, str] = {"whole": "by whole numbers", "category": "to another category"}


def features_table(
    features: Sequence[Feature],
    threat: ThreatModel,
    bounds: Mapping[str, str] | None = None,
) -> Table:
    """Return a table of how each feature may change, and by how much at each ε.

    ``bounds``: feature -> bounds that the user set, in words; adds a column if there are any.
    """
    titles = ["may be changed", *(["bounds"] if bounds else [])]
    return Table(
        (
            Column("feature", "name"),
            *(Column(title, "text") for title in titles),
            *(Column(f"ε = {eps:g}") for eps in threat.eps),
        ),
        tuple(
            (
                Cell(feature.name),
                Cell(_may_change(feature, threat.constraints)),
                *([Cell(bounds.get(feature.name, "its range"))] if bounds else []),
                *(Cell(_budget(feature, index)) for index in range(len(threat.eps))),
            )
            for feature in features
        ),
    )


def _may_change(feature: Feature, constraints: Constraints) -> str:
    """Return the cell on whether and how ``feature`` may change."""
    if not feature.mutable:
        return "no"
    words = [] if feature.moves is None else [_MOVES[feature.moves]]
    words += [
        declared.in_words
        for kind, declared in KINDS.items()
        if declared.in_words and feature.name in getattr(constraints, kind)
    ]
    if feature.name in constraints.shares:
        words.append(KINDS["shares"].in_numbers.format(constraints.shares[feature.name]))
    return ", ".join(["yes", *words])


def _budget(feature: Feature, index: int) -> str:
    """Return how much a feature may change with budget number ``index`` of the run.

    A budget below one step allows no change; the text then also states the budget.
    """
    if not feature.mutable:
        return "0"
    raw = f"{feature.raw_eps[index]:.4g}"
    if feature.moves is None or feature.reach is None:
        return raw
    reached = feature.reach[index]
    return f"{reached:.10g}" if reached else f"0 ({raw} is under one step)"
