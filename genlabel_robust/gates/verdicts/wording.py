"""The parts of the sentence that states a verdict."""

from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.statistics import Comparison, Estimate
from genlabel_robust.threat import ThreatModel

_NAMES = {"robust": "robust", "clean": "accuracy", "margin": "median margin"}


def ball(threat: ThreatModel) -> str:
    """Return the words before an ε: the norm, or that features have their own budgets."""
    return f"own {threat.norm} budgets at ε =" if threat.own_budgets else threat.norm


def subject(endpoint: Endpoint, ball: str, mode: str) -> str:
    """Return the subject of a sentence: "credit/genlabel-gm/mlp linf 0.1 (checkpoint)"."""
    at = "" if endpoint.eps is None else f" {ball} {endpoint.eps:g}"
    return f"{endpoint.subject}{at} ({mode})"


def measure(endpoint: Endpoint) -> str:
    """Return the words for the endpoint's measure."""
    return _NAMES[endpoint.measure]


def percent(value: float) -> str:
    """Format a fraction in percent: "41.2 %"."""
    return f"{100 * value:.1f} %"


def estimated(found: Estimate, n: int | None = None) -> str:
    """Format an estimate with its interval and ``n``: "41.2 % (95 % 38.0 % to 44.5 %; n = 9)"."""
    count = "" if n is None else f"; n = {n}"
    return f"{percent(found.value)} (95 % {percent(found.low)} to {percent(found.high)}{count})"


def points(value: float) -> str:
    """Format a difference of fractions in percentage points with a sign: "-3.3"; zero has none."""
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def compared(
    word: str, before: float, now: float, found: Comparison, seeds: tuple[int, int] | None
) -> str:
    """Format a comparison of rates.

    ``seeds``: the numbers of seeds of candidate and baseline, None for checkpoints.
    """
    difference = found.difference
    if seeds is None:
        count = f"n = {difference.n}: {found.gained} gained, {found.lost} lost"
    else:
        count = f"n = {difference.n}, {seeds[0]} seeds against {seeds[1]}"
    return (
        f"{word} {percent(before)} -> {percent(now)} ({points(difference.value)} points, "
        f"one-sided 95 % bounds {points(difference.low)} to {points(difference.high)}; "
        f"allowed {points(-found.max_drop)}; {count})"
    )


def with_undecided(count: int, *, decided: bool, difference: bool = True) -> str:
    """Return a clause on what ``count`` open rows, on either side, mean for the verdict.

    ``difference``: whether the verdict is on a difference, which is then the worst case.
    """
    are, them = ("1 answer is", "it") if count == 1 else (f"{count} answers are", "them")
    if decided and difference:
        return (
            f"{are} neither proved nor broken; the difference counts {them} against the verdict, "
            "which holds either way"
        )
    if decided:
        return f"{are} neither proved nor broken; the verdict holds either way"
    return (
        f"{are} neither proved nor broken, and would decide: prove more with --certify exact, or "
        "compare by attacks alone with --certify off, on both sides"
    )


def undecided(found: Comparison, *, recipe: bool) -> str:
    """Return a clause on what would decide an inconclusive comparison."""
    worse = ""
    if found.difference.high < 0:
        worse = f"worse, but not provably by more than {points(found.max_drop)[1:]} points; "
    if found.needed is None:
        more = "seeds" if recipe else "test rows"
        return f"{worse}no number of {more} in reach would decide at these rates"
    if recipe:
        return f"{worse}about {found.needed} seeds on each side would decide at these rates"
    return f"{worse}about {found.needed:,} test rows would decide at these rates"


def floored(word: str, found: Estimate, least: float) -> str:
    """Format a rate and its floor."""
    return (
        f"{word} {percent(found.value)} (one-sided 95 % bounds {percent(found.low)} to "
        f"{percent(found.high)}; at least {percent(least)} required; n = {found.n})"
    )
