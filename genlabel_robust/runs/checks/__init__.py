"""Checks that tell whether a robustness number may be believed.

Every one gives pass, warn or fail, with the figure; docs/guide.md explains each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import Check
from genlabel_robust.runs.checks.of_attacks import checks_of_attacks
from genlabel_robust.runs.checks.of_canary import checks_of_canaries
from genlabel_robust.runs.checks.of_model import checks_of_model
from genlabel_robust.runs.checks.of_probes import checks_of_probes
from genlabel_robust.runs.checks.of_results import checks_of_results

__all__ = ["NAMES", "Check", "run_checks"]

#: What checks are about, in the order in which a row has them.
NAMES = (
    "claims",
    "ball",
    "stored-examples",
    "robust-where-correct",
    "order-of-eps",
    "decided",
    "exact-bound",
    "exact-gap",
    "time",
    "starting-points",
    "white-box",
    "white-box-against-black-box",
    "pgd-against-fgsm",
    "search-against-noise",
    "gradients",
    "canary-affine",
    "canary-forest",
    "canary-forest-by-labels",
    "lost-successes",
    "full-range",
    "doubled-budget",
    "repeated-predictions",
    "scores",
    "softmax",
)


def run_checks(
    panel: Panel,
    eps: float,
    sweep: tuple[float, ...],
    canaries: Mapping[str, Any] | None = None,
) -> list[Check]:
    """Return the checks of one row of the results, those that apply to it.

    ``sweep``: every ε of the run; ``canaries``: the records of ``run_canary`` by name.
    """
    nearest = panel.nearest
    if nearest is None:
        return []
    return [
        *checks_of_results(panel, nearest, eps, sweep),
        # where no attack can work, a proof may still have its say
        *([] if panel.attacked is None else checks_of_attacks(panel, eps)),
        # where every row is decided, no attack has to be trusted
        *([] if canaries is None or panel.exact_at(eps) else checks_of_canaries(panel, canaries)),
        *checks_of_probes(panel, nearest, eps),
        *checks_of_model(panel),
    ]
