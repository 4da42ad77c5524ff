"""The median margin as an endpoint: how much the distances to the decision boundary shrank."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import bdtr, stdtr

from genlabel_robust.core import FloatArray
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.figures import ComparedMargins, Mode
from genlabel_robust.gates.verdicts.verdict import Status, Verdict
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics import quantile_summary
from genlabel_robust.statistics.margin_difference import (
    largest_known,
    margin_difference,
    row_medians,
)
from genlabel_robust.statistics.noninferiority import LEVEL
from genlabel_robust.statistics.paired_median import PairedMedian


@dataclass(frozen=True, eq=False)
class _Weighed:
    """The result of one comparison of margins.

    ``medians``: of baseline and candidate. ``found``: the median of the paired differences, with
    the bounds ``low`` and ``high``. ``allowed``: the smallest difference that does not fail.
    """

    status: Status
    medians: tuple[float, float]
    found: PairedMedian
    low: float
    high: float
    allowed: float
    p_worse: float


def compare_margins(
    endpoint: Endpoint, candidate: Panel, baseline: Panel, mode: Mode, max_drop: float, about: str
) -> tuple[Verdict, float | None]:
    """Judge whether the median of the paired differences of margins is too low.

    Margins are compared row by row; with several seeds, each row's median over the seeds. Exact
    margins are compared if both sides have them. If both sides have bounds, a pass must hold with
    the candidate's margins at their lower and the baseline's at their upper bounds, a failure
    with the opposite. If that is inconclusive, the nearest adversarial examples of both sides
    decide. ``max_drop``: a fraction of the baseline's median. ``about``: the subject of the
    sentence. Also returns the p-value for a failure.
    """
    by, result = _weigh(candidate, baseline, mode, max_drop)
    n, found = len(candidate.labels), result.found
    text = (
        f"median margin {result.medians[0]:.4g} -> {result.medians[1]:.4g} (median of the paired "
        f"differences {found['value']:+.3g}, one-sided 95 % bounds {result.low:+.3g} to "
        f"{result.high:+.3g}; allowed {result.allowed:+.3g}; n = {n})"
    )
    if by == "bounds":
        text += _WHATEVER if result.status != "inconclusive" else _OPEN
    elif by == "attacks" and _bounds(candidate) is not None and _bounds(baseline) is not None:
        text += _BY_ATTACKS
    figures = ComparedMargins(
        mode,
        max_drop,
        result.allowed,
        difference={**found, "low": _finite(result.low), "high": _finite(result.high)},
        n_examples=n,
        n_seeds=(len(candidate.results), len(baseline.results)),
        p_worse=result.p_worse,
        by=by,
    )
    return Verdict(endpoint.name, result.status, f"{about}: {text}", figures), result.p_worse


_WHATEVER = "; it holds for all distances that proofs leave open"
_BY_ATTACKS = "; judged by the distances that attacks found, because proofs do not decide it"
_OPEN = "; proofs leave distances open that would decide: --certify exact may"


def _weigh(candidate: Panel, baseline: Panel, mode: Mode, max_drop: float) -> tuple[str, _Weighed]:
    """Compare the margins; also return which were used, "exact", "bounds" or "attacks".

    With bounds, ``max_drop`` is a fraction of the median that makes the decision hardest.
    """
    if candidate.exact is not None and baseline.exact is not None:
        now, before = candidate.exact, baseline.exact
        most = largest_known(now, before)
        return "exact", _compared(now, before, before, most, mode, max_drop)
    attacked = candidate.attacked is not None and baseline.attacked is not None
    bounds, bounds_before = _bounds(candidate), _bounds(baseline)
    if bounds is not None and bounds_before is not None:
        (least, longest), (shortest, before) = bounds, bounds_before
        most = largest_known(longest, before)
        worst = _compared(least, before, shortest, most, mode, max_drop)
        if worst.status == "pass":
            return "bounds", worst
        best = _compared(longest, shortest, before, most, mode, max_drop)
        if best.status == "fail":
            return "bounds", best
        if not attacked:
            return "bounds", replace(worst, status="inconclusive", high=best.high)
    now, before = _attacked(candidate), _attacked(baseline)
    found = _compared(now, before, before, largest_known(now, before), mode, max_drop)
    return "attacks", found if attacked else replace(found, status="inconclusive")


def _compared(
    now: FloatArray,
    before: FloatArray,
    reference: FloatArray,
    most: float,
    mode: Mode,
    max_drop: float,
) -> _Weighed:
    """Compare margins (S, n); ``max_drop``: a fraction of the median of ``reference`` (S, n).

    Margins above ``most`` count as ``most`` on both sides, so that they tie. Each bound is
    one-sided at 95 %, see ``margin_difference``, and between recipes includes the variation
    between seeds. The p-value is that of the sign test, or for recipes the larger of that and
    Welch's.
    """
    now, before, reference = (np.minimum(side, most) for side in (now, before, reference))
    recipe = mode == "recipe"
    found = margin_difference(now, before, LEVEL, of_seeds=recipe)
    allowed = -max_drop * float(quantile_summary(row_medians(reference)[None])["median"] or 0.0)
    not_worse = int((row_medians(now) - row_medians(before) >= allowed).sum())
    p_worse = float(bdtr(not_worse, now.shape[1], 0.5))
    if recipe:
        gap = found.found["value"] - allowed
        by_seeds = stdtr(found.freedom, gap / found.deviation) if found.deviation else gap >= 0
        p_worse = max(p_worse, float(by_seeds))
    status: Status = "inconclusive"
    if found.low > allowed:
        status = "pass"
    elif found.high < allowed:
        status = "fail"
    median = float(quantile_summary(row_medians(before)[None])["median"] or 0.0)
    medians = median, float(np.median(row_medians(now)))
    return _Weighed(status, medians, found.found, found.low, found.high, allowed, p_worse)


def _bounds(panel: Panel) -> tuple[FloatArray, FloatArray] | None:
    return panel.between if panel.exact is None else (panel.exact, panel.exact)


def _attacked(panel: Panel) -> FloatArray:
    found = panel.attacked
    return np.zeros_like(panel.clean, dtype=float) if found is None else found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
