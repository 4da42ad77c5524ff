"""The median margin as an endpoint: by how much distances to the boundary shrank."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.evaluation.panel import Panel
from genlabel_robust.gates.endpoint import Endpoint
from genlabel_robust.gates.verdict import Status, Verdict
from genlabel_robust.statistics.noninferiority import LEVEL
from genlabel_robust.statistics.paired_median import paired_median
from genlabel_robust.statistics.quantiles import quantile_summary


def compare_margins(
    endpoint: Endpoint, candidate: Panel, baseline: Panel, max_drop: float, about: str
) -> Verdict:
    """Return whether the median of the paired differences of margins fell too far.

    Row by row; of several seeds each row's median over them. Distances that no attack
    found are set, on both sides, to the largest found: they are ties then, not
    differences. ``max_drop``: a share of the baseline's median. ``about``: the subject of
    the sentence. Each bound is one-sided at 95 %, from ranks alone.
    """
    now, before = (_by_row(panel) for panel in (candidate, baseline))
    known = np.concatenate([now[np.isfinite(now)], before[np.isfinite(before)]])
    most = float(known.max(initial=0.0))
    now, before = (np.minimum(side, most) for side in (now, before))
    median = float(quantile_summary(before[None])["median"] or 0.0)
    found = paired_median(now[None], before[None], LEVEL)
    allowed = -max_drop * median
    low = -np.inf if found["low"] is None else found["low"]
    high = np.inf if found["high"] is None else found["high"]
    status: Status = "inconclusive"
    if low > allowed:
        status = "pass"
    elif high < allowed:
        status = "fail"
    text = (
        f"median margin {median:.4g} -> {float(np.median(now)):.4g} (median of the paired "
        f"differences {found['value']:+.3g}, 95 % bounds {low:+.3g} to {high:+.3g}; allowed "
        f"{allowed:+.3g}; n = {len(now)})"
    )
    figures = {
        "mode": "paired rows", "measure": "margin", "eps": None, "max_drop": max_drop,
        "allowed": allowed, "difference": dict(found), "n_examples": len(now),
        "n_seeds": [len(candidate.results), len(baseline.results)],
    }  # fmt: skip
    return Verdict(endpoint.name, status, f"{status.upper()} {about}: {text}", figures)


def _by_row(panel: Panel) -> FloatArray:
    margins = panel.margins
    return (
        np.zeros(0) if margins is None else np.quantile(margins, 0.5, axis=0, method="inverted_cdf")
    )
