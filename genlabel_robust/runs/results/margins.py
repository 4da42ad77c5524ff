"""What is known of the distances to the boundary, summed up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics.censored_quantiles import censored_summary
from genlabel_robust.statistics.quantiles import quantile_summary
from genlabel_robust.threat.threat_model import Norm


def margin_summary(panel: Panel, norm: Norm, eps: Sequence[float]) -> dict[str, Any] | None:
    """Return the "margin" of a row of the results; None where nothing is known of distances.

    Its "kind": "exact" where every distance is known, "interval-censored" where proofs are bounds
    from below and attacks from above, "attack" where there are only the latter. ``eps``: the
    budgets of the run, at each of which it was tried to decide every example.
    """
    if panel.exact is not None:
        return {"norm": norm, "kind": "exact", **quantile_summary(panel.exact)}
    if panel.between is not None:
        low, high = panel.between
        if (low == high).all():
            return {"norm": norm, "kind": "exact", **quantile_summary(high)}
        return {"norm": norm, "kind": "interval-censored", **censored_summary(low, high, eps)}
    if panel.nearest is None:
        return None
    return {"norm": norm, "kind": "attack", **quantile_summary(panel.nearest)}
