"""Differences between two strategies of a run, on the same rows and seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics import Estimate, paired_difference
from genlabel_robust.threat import ThreatModel


@dataclass(frozen=True)
class Difference:
    """A ``measure`` of ``strategy`` minus that of ``reference``.

    ``eps``: None for clean accuracies. ``open``: the answers that are undecided on either side;
    None for clean accuracies, and in older runs.
    """

    dataset: str
    architecture: str
    norm: str
    strategy: str
    reference: str
    measure: Literal["clean_accuracy", "robust_accuracy"]
    eps: float | None
    difference: Estimate
    open: int | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any], n: int) -> Difference:
        """Read what ``as_dict`` wrote of a difference on ``n`` rows."""
        return cls(**{**found, "difference": Estimate.from_dict(found["difference"], n)})

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self, where_set=("open",))


def differences(
    panels: Mapping[tuple[str, str, str], Panel], threat: ThreatModel
) -> Iterator[Difference]:
    """Yield the differences of all pairs; ``panels``: by data set, architecture and strategy."""
    for (first, one), (second, other) in combinations(panels.items(), 2):
        if first[:2] != second[:2] or one.not_applicable or other.not_applicable:
            continue
        about = (*first[:2], threat.norm, second[2], first[2])
        yield Difference(*about, "clean_accuracy", None, paired_difference(other.clean, one.clean))
        if one.nearest is None or other.nearest is None:
            continue
        for eps in threat.eps:
            if one.untried(eps).any() or other.untried(eps).any():
                continue
            difference = paired_difference(
                other.robust(other.nearest, eps), one.robust(one.nearest, eps)
            )
            undecided = int((one.undecided(eps) | other.undecided(eps)).sum())
            yield Difference(*about, "robust_accuracy", eps, difference, undecided)
