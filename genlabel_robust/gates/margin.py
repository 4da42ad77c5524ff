"""The median margin as an endpoint: by how much distances to the boundary shrank."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import bdtr, stdtr, stdtrit

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.evaluation.panel import Panel
from genlabel_robust.gates.endpoint import Endpoint
from genlabel_robust.gates.terms import Mode
from genlabel_robust.gates.verdict import Status, Verdict
from genlabel_robust.statistics.noninferiority import ERROR, LEVEL
from genlabel_robust.statistics.paired_median import paired_median
from genlabel_robust.statistics.quantiles import quantile_summary
from genlabel_robust.statistics.welch import welch


def compare_margins(
    endpoint: Endpoint, candidate: Panel, baseline: Panel, mode: Mode, max_drop: float, about: str
) -> tuple[Verdict, float | None]:
    """Return whether the median of the paired differences of margins fell too far.

    Row by row; of several seeds each row's median over them. Distances that no attack
    found are set, on both sides, to the largest found: they are ties then, not
    differences. ``max_drop``: a share of the baseline's median. ``about``: the subject of
    the sentence. Each bound is one-sided at 95 %, from ranks alone; between recipes,
    Welch's interval of the seeds' own medians is added to it by squares, as other seeds
    would move all rows together (MOVER: Zou & Donner, Stat. Med. 27 (2008) 1693). The
    p-value is that of the sign test, or the larger of it and Welch's.
    """
    now, before = _alike(candidate, baseline)
    known = np.concatenate([side[np.isfinite(side)] for side in (now, before)])
    most = float(known.max(initial=0.0))
    now, before = (np.minimum(side, most) for side in (now, before))
    rows = tuple(np.quantile(s, 0.5, axis=0, method="inverted_cdf") for s in (now, before))
    median = float(quantile_summary(rows[1][None])["median"] or 0.0)
    found = paired_median(rows[0][None], rows[1][None], LEVEL)
    allowed = -max_drop * median
    not_worse = int((rows[0] - rows[1] >= allowed).sum())
    p_worse = float(bdtr(not_worse, rows[0].size, 0.5))
    below = math.inf if found["low"] is None else found["value"] - found["low"]
    above = math.inf if found["high"] is None else found["high"] - found["value"]
    if mode == "recipe":
        deviation, freedom = _seeds(now, before)
        half = float(stdtrit(freedom, 1.0 - ERROR)) * deviation
        below, above = math.hypot(below, half), math.hypot(above, half)
        gap = found["value"] - allowed
        by_seeds = stdtr(freedom, gap / deviation) if deviation else float(gap >= 0)
        p_worse = max(p_worse, float(by_seeds))
    low, high = found["value"] - below, found["value"] + above
    status: Status = "inconclusive"
    if low > allowed:
        status = "pass"
    elif high < allowed:
        status = "fail"
    text = (
        f"median margin {median:.4g} -> {float(np.median(rows[0])):.4g} (median of the paired "
        f"differences {found['value']:+.3g}, 95 % bounds {low:+.3g} to {high:+.3g}; allowed "
        f"{allowed:+.3g}; n = {rows[0].size})"
    )
    bounds = {"low": _finite(low), "high": _finite(high)}
    figures = {
        "mode": mode, "measure": "margin", "eps": None, "max_drop": max_drop,
        "allowed": allowed, "difference": {**found, **bounds}, "n_examples": rows[0].size,
        "n_seeds": [len(candidate.results), len(baseline.results)], "p_worse": p_worse,
    }  # fmt: skip
    return Verdict(endpoint.name, status, f"{status.upper()} {about}: {text}", figures), p_worse


def _alike(candidate: Panel, baseline: Panel) -> tuple[FloatArray, FloatArray]:
    """Return the margins (S, n) of both sides, exact on both or found by attacks on both.

    An exact margin is shorter than one that attacks found of the same model.
    """
    exact = candidate.exact is not None and baseline.exact is not None
    return _margins(candidate, exact=exact), _margins(baseline, exact=exact)


def _margins(panel: Panel, *, exact: bool) -> FloatArray:
    found = panel.exact if exact else panel.attacked
    return np.zeros_like(panel.clean, dtype=float) if found is None else found


def _seeds(now: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Return the standard error of the difference of the seeds' medians, and its freedom."""
    medians = [np.median(side, axis=1) for side in (now, before)]
    first, second = (float(m.var(ddof=1)) / len(m) for m in medians)
    freedom = float(welch(first, second, *map(len, medians)))
    return math.sqrt(first + second), freedom


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
