"""Formatting of numbers for readers: percents, intervals, distances."""

from typing import Literal

from genlabel_robust.core import plural
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.statistics import Estimate
from genlabel_robust.threat import ThreatModel
from genlabel_robust.threat.constraints.constraints import KINDS

NOT_AVAILABLE = "n/a"
NOT_REACHED = "not reached"
NORM_SIGNS = {"linf": "L∞", "l2": "L2", "l1": "L1", "l0": "L0"}


def percent(estimate: Estimate | None) -> str:
    """Format the value of an estimate in percent: "95.1"."""
    return NOT_AVAILABLE if estimate is None else f"{100 * estimate.value:.1f}"


def interval(estimate: Estimate | None) -> str:
    """Format the interval of an estimate in percent: "89.2–98.0"."""
    if estimate is None:
        return ""
    return f"{100 * estimate.low:.1f}–{100 * estimate.high:.1f}"


def points(estimate: Estimate) -> str:
    """Format a difference in percentage points: "+1.2 (−0.3 to +2.7)"."""
    return " ".join(points_and_interval(estimate))


def points_and_interval(estimate: Estimate) -> tuple[str, str]:
    """Return a difference and its interval in percentage points: "+1.2", "(−0.3 to +2.7)"."""
    ends = estimate.value, estimate.low, estimate.high
    value, low, high = (f"{100 * share:+.1f}".replace("-", "−") for share in ends)
    return value, f"({low} to {high})"


def distance(value: float | None) -> str:
    """Format a distance in attack space with three digits; None is "not reached".

    A median, for instance, is not reached if most rows are never broken.
    """
    return NOT_REACHED if value is None else f"{value:.3g}"


def quantile(margin: Margin, name: Literal["q05", "q25", "q75"]) -> str:
    """Format a quantile of margins, or its bounds if proofs leave distances open."""
    most: float | None = getattr(margin, name)
    return between(most if margin.at_least is None else margin.at_least[name], most)


def between(least: float | None, most: float | None) -> str:
    """Return "0.12" for a known distance, or "0.1–0.12" for one between bounds."""
    if least is None or least == most:
        return distance(most)
    if most is None:
        return f"> {distance(least)}"
    low, high = distance(least), distance(most)
    if not least:
        return f"≤ {high}"
    return high if low == high else f"{low}–{high}"


def median_margin(margin: Margin | None) -> tuple[str, str]:
    """Return the median margin or its bounds, and its interval, as text."""
    if margin is None:
        return NOT_AVAILABLE, ""
    median = between(*margin.sure_median)
    ends = margin.median_interval
    high = "∞" if ends["high"] is None else distance(ends["high"])
    if ends["low"] is None:
        return median, ""
    return median, f"{distance(ends['low'])}–{high}"


def threat_sentence(threat: ThreatModel, eps: float, rows: str = "training") -> str:
    """Return a phrase on what the attacker may do; ``rows``: the kind of rows that set ranges."""
    norm = NORM_SIGNS[threat.norm]
    ranges = "training range" if rows == "training" else f"range in the {rows} rows"
    unit = {
        "range": f"of each feature's {ranges}",
        "global-range": f"of the one range over all scaled features of the {rows} rows",
        "std": "standard deviations of each feature",
        "raw": "in raw feature units",
    }[threat.unit]
    limits = ", ".join(counted(kind, len(names)) for kind, names in threat.constraints.by_kind())
    said = f"{norm}, {_budget(threat, eps, unit)}"
    return said + (f"; constraints: {limits}" if limits else "")


def share_words(threat: ThreatModel) -> str:
    """Return the words for the unit of a feature's change, besides its own unit."""
    return "as a share of their reach" if threat.norm == "l0" else "in the unit of ε"


def distance_words(threat: ThreatModel) -> str:
    """Return the words for the unit of distances."""
    if threat.constraints.costs:
        return "in prices"
    if threat.norm == "l0":
        return "in features"
    return f"in ε; {max(threat.eps):g}: full budget" if threat.own_budgets else "in the unit of ε"


def margin_words(threat: ThreatModel) -> str:
    """Return the definition of a margin under the threat."""
    if threat.norm != "l0":
        measured = distance_words(threat)
        if threat.own_budgets and not threat.constraints.costs:
            measured = f"in the unit of ε, where {max(threat.eps):g} is the full budget"
        return f"the distance to the decision boundary, {measured}"
    least = "lowest price" if threat.constraints.costs else "smallest number"
    return f"the {least} of features that suffice to change the model's label"


def eps_axis(threat: ThreatModel) -> str:
    """Return the label of a chart's ε axis."""
    if threat.constraints.costs:
        return "ε: what the attacker may spend"
    if threat.norm == "l0":
        return "ε: how many features of a row are changed"
    if threat.own_budgets:
        return f"ε: at {max(threat.eps):g} each feature has its full budget"
    unit = {
        "range": "share of each feature’s range",
        "global-range": "share of the one range over all features",
        "std": "standard deviations of each feature",
        "raw": "raw units",
    }[threat.unit]
    return f"ε: {unit}"


def _budget(threat: ThreatModel, eps: float, unit: str) -> str:
    """Return a phrase on what ``eps`` allows; ``unit``: the words for its unit without prices."""
    if threat.constraints.costs:
        paid = "each feature that is changed" if threat.norm == "l0" else "each change"
        more = "" if threat.norm == "l0" else f", for a change of 1 {unit}"
        return f"a budget of {eps:g}, from which {paid} is paid at its price{more}"
    if threat.norm == "l0":
        return f"any change of up to {plural(int(eps), 'feature')} of a row"
    if not threat.own_budgets:
        return f"ε = {eps:g} {unit}"
    full = max(threat.eps)
    share = "" if eps == full else f"{eps / full:.3g} of "
    return f"{share}the own budgets of features, and ε = {eps:g} {unit} where there is none"


def counted(kind: str, count: int) -> str:
    """Return the number of entries of a kind of constraint: "2 immutable", "1 own budget"."""
    noun = KINDS[kind].noun
    said = KINDS[kind].in_words or kind
    return f"{count} {said}" if noun is None else plural(count, noun)


def headed(kind: str) -> str:
    """Return the words before the features of a kind of constraint: "immutable", "own budgets"."""
    return counted(kind, 2).removeprefix("2 ")
