"""Checks that tell whether a robustness number may be believed.

Every one gives pass, warn or fail, with the figure; docs/guide.md explains each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel_robust.evaluation.checks.check import Check
from genlabel_robust.evaluation.checks.of_attacks import checks_of_attacks
from genlabel_robust.evaluation.checks.of_model import checks_of_model
from genlabel_robust.evaluation.checks.of_results import checks_of_results
from genlabel_robust.evaluation.panel import Panel

__all__ = ["Check", "run_checks"]


def run_checks(
    panel: Panel, eps: float, sweep: tuple[float, ...], canary: Mapping[str, Any] | None = None
) -> list[Check]:
    """Return the checks of one row of the results, those that apply to it.

    ``sweep``: every ε of the run; ``canary``: its record, as ``run_canary`` gives it.
    """
    nearest = panel.nearest
    if nearest is None:
        return []
    return [
        *checks_of_results(panel, nearest, eps, sweep),
        *checks_of_attacks(panel, eps, canary),
        *checks_of_model(panel),
    ]
