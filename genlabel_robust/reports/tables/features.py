"""What an attacker can really do to a feature: by whole numbers, or to another category."""

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
    """Return how each feature may be changed, and by how much at each ε.

    ``bounds``: those that the user set, in words; with a column of them if there is any.
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
    """Return whether, and how, ``feature`` may be changed."""
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
    """Return by how much budget number ``index`` of a run lets a feature be changed.

    What is under one step is nothing, and what it is stands beside that.
    """
    if not feature.mutable:
        return "0"
    raw = f"{feature.raw_eps[index]:.4g}"
    if feature.moves is None or feature.reach is None:
        return raw
    reached = feature.reach[index]
    return f"{reached:.10g}" if reached else f"0 ({raw} is under one step)"
