"""The median margin as an endpoint: how much the distances to the decision boundary shrank."""

import math
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, plural
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.figures import ComparedMargins, Mode
from genlabel_robust.gates.verdicts.verdict import Status, Verdict
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics import quantile_summary
from genlabel_robust.statistics.margin_difference import (
    largest_known,
    margin_difference,
    p_of_drop,
    row_medians,
)
from genlabel_robust.statistics.noninferiority import LEVEL
from genlabel_robust.statistics.paired_median import PairedMedian
from genlabel_robust.threat import TOLERANCE


@dataclass(frozen=True, eq=False)
class _Weighed:
    """The result of one comparison of margins.

    ``medians``: of baseline and candidate, as text. ``found``: the median of the paired
    differences, with the bounds ``low`` and ``high``. ``allowed``: the smallest difference that
    does not fail. ``one_sided``: the number of rows with a known margin on one side only.
    """

    status: Status
    medians: tuple[str, str]
    found: PairedMedian
    low: float
    high: float
    allowed: float
    p_worse: float
    one_sided: int


def compare_margins(
    endpoint: Endpoint, candidate: Panel, baseline: Panel, mode: Mode, max_drop: float, about: str
) -> tuple[Verdict, float | None]:
    """Judge whether the median of the paired differences of margins is too low.

    Margins are compared row by row; with several seeds, each row's median over the seeds. Exact
    margins are compared if both sides have them. If both sides have bounds, a pass must hold with
    the candidate's margins at their lower and the baseline's at their upper bounds, a failure
    with the opposite. If that is inconclusive, the nearest adversarial examples of both sides
    decide. A margin beyond all that was found is larger than any other, by an unknown amount.
    ``max_drop``: a fraction of the baseline's median. ``about``: the subject of the sentence. Also
    returns the p-value for a failure.
    """
    by, result = _weigh(candidate, baseline, mode, max_drop)
    n, found = len(candidate.labels), result.found
    text = (
        f"median margin {result.medians[0]} -> {result.medians[1]} (median of the paired "
        f"differences {found['value']:+.3g}, one-sided 95 % bounds {result.low:+.3g} to "
        f"{result.high:+.3g}; allowed {result.allowed:+.3g}; n = {n})"
    )
    if by == "bounds":
        text += _WHATEVER if result.status != "inconclusive" else _OPEN
    elif by == "attacks" and _bounds(candidate) is not None and _bounds(baseline) is not None:
        text += _BY_ATTACKS
    if result.status == "inconclusive" and result.one_sided:
        text += _ONE_SIDED.format(_were(result.one_sided))
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
_ONE_SIDED = (
    "; {} broken in only one of the two models: in the other, the margin is only known to be "
    "larger, and a larger --eps on both sides may show by how much"
)
_OPEN = "; proofs leave distances open that would decide: --certify exact may"


def _weigh(candidate: Panel, baseline: Panel, mode: Mode, max_drop: float) -> tuple[str, _Weighed]:
    """Compare the margins; also return which were used, "exact", "bounds" or "attacks".

    With bounds, ``max_drop`` is a fraction of the median that makes the decision hardest.
    """
    if candidate.exact is not None and baseline.exact is not None:
        now, before = candidate.exact, baseline.exact
        return "exact", _compared(now, before, before, mode, max_drop)
    attacked = candidate.attacked is not None and baseline.attacked is not None
    bounds, bounds_before = _bounds(candidate), _bounds(baseline)
    if bounds is not None and bounds_before is not None:
        (least, longest), (shortest, before) = bounds, bounds_before
        most = largest_known(longest, before)
        least, shortest = _beyond(least, longest, most), _beyond(shortest, before, most)
        worst = _compared(least, before, shortest, mode, max_drop)
        if worst.status == "pass":
            return "bounds", worst
        best = _compared(longest, shortest, before, mode, max_drop)
        if best.status == "fail":
            return "bounds", best
        if not attacked:
            return "bounds", replace(worst, status="inconclusive", high=best.high)
    now, before = _attacked(candidate), _attacked(baseline)
    found = _compared(now, before, before, mode, max_drop)
    return "attacks", found if attacked else replace(found, status="inconclusive")


def _compared(
    now: FloatArray, before: FloatArray, reference: FloatArray, mode: Mode, max_drop: float
) -> _Weighed:
    """Compare margins (S, n); ``max_drop``: a fraction of the median of ``reference`` (S, n).

    Infinite margins are only known to be larger than all others. The fraction is that of a median
    of known margins, with the infinite ones at the largest. Each bound is one-sided at 95 %, see
    ``margin_difference``, and between recipes includes the variation between seeds.
    """
    of_seeds = mode == "recipe"
    found = margin_difference(now, before, LEVEL, of_seeds=of_seeds)
    most = largest_known(now, before, reference)
    allowed = -max_drop * _median(np.minimum(reference, most))
    status: Status = "inconclusive"
    if found.low > allowed:
        status = "pass"
    elif found.high < allowed:
        status = "fail"
    p_worse = p_of_drop(now, before, allowed, of_seeds=of_seeds)
    medians = _stated(before, most), _stated(now, most)
    one_sided = found.one_sided
    return _Weighed(
        status, medians, found.found, found.low, found.high, allowed, p_worse, one_sided
    )


def _median(margins: FloatArray) -> float:
    """Return the median of the rows' medians over seeds, of (S, n); it may be infinite."""
    median = quantile_summary(row_medians(margins)[None])["median"]
    return math.inf if median is None else median


def _stated(margins: FloatArray, most: float) -> str:
    """Return the median of ``margins`` (S, n) as the sentence states it."""
    median = _median(margins)
    return f"{median:.4g}" if math.isfinite(median) else f"beyond {most:.4g}"


def _were(count: int) -> str:
    return f"{plural(count, 'row')} {'was' if count == 1 else 'were'}"


def _beyond(bound: FloatArray, nearest: FloatArray, most: float) -> FloatArray:
    """Return proved lower bounds, infinite where nothing is ``nearest`` and they reach ``most``.

    Like unbroken rows of an attack, such rows have a margin larger than all known ones.
    """
    return np.where(np.isinf(nearest) & (most <= bound * (1 + TOLERANCE)), np.inf, bound)


def _bounds(panel: Panel) -> tuple[FloatArray, FloatArray] | None:
    return panel.between if panel.exact is None else (panel.exact, panel.exact)


def _attacked(panel: Panel) -> FloatArray:
    found = panel.attacked
    return np.zeros_like(panel.clean, dtype=float) if found is None else found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
