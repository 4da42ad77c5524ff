"""A verdict in one sentence."""

from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.statistics import Comparison, Estimate
from genlabel_robust.threat import ThreatModel

_NAMES = {"robust": "robust", "clean": "accuracy", "margin": "median margin"}


def ball(threat: ThreatModel) -> str:
    """Return what stands before an ε: "linf", or that features have budgets of their own."""
    return f"own {threat.norm} budgets at ε =" if threat.own_budgets else threat.norm


def subject(endpoint: Endpoint, ball: str, mode: str) -> str:
    """Return what a sentence is about: "credit/genlabel-gm/mlp linf 0.1 (checkpoint)"."""
    at = "" if endpoint.eps is None else f" {ball} {endpoint.eps:g}"
    return f"{endpoint.subject}{at} ({mode})"


def measure(endpoint: Endpoint) -> str:
    """Return the word for what is measured."""
    return _NAMES[endpoint.measure]


def percent(value: float) -> str:
    """Return a fraction in percent: "41.2 %"."""
    return f"{100 * value:.1f} %"


def estimated(found: Estimate, n: int | None = None) -> str:
    """Return an estimate with its interval, and ``n``: "41.2 % (95 % 38.0 % to 44.5 %; n = 9)"."""
    count = "" if n is None else f"; n = {n}"
    return f"{percent(found.value)} (95 % {percent(found.low)} to {percent(found.high)}{count})"


def points(value: float) -> str:
    """Return a difference of fractions in points, with a sign: "-3.3"; zero has none."""
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def compared(
    word: str, before: float, now: float, found: Comparison, seeds: tuple[int, int] | None
) -> str:
    """Return the figures of a comparison of rates.

    ``seeds``: how many the candidate and the baseline have, None for checkpoints.
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
    """Return what open answers, on either side, mean for a verdict.

    ``difference``: whether the verdict is on one, which is then that of the worst case for it.
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
    """Return what would decide an inconclusive comparison, after what is known for certain."""
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
    """Return the figures of a rate against its floor."""
    return (
        f"{word} {percent(found.value)} (one-sided 95 % bounds {percent(found.low)} to "
        f"{percent(found.high)}; at least {percent(least)} required; n = {found.n})"
    )
