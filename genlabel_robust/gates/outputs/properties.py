"""The figures of a verdict as properties for pytest's JUnit report, in fractions."""

from typing import TypeAlias

from genlabel_robust.gates.verdicts.figures import (
    ComparedMargins,
    ComparedRates,
    NothingCompared,
    RateOverFloor,
    SameModel,
    SavedRate,
)
from genlabel_robust.gates.verdicts.verdict import Verdict
from genlabel_robust.statistics import Estimate

Properties: TypeAlias = dict[str, str | float | None]


def properties(verdict: Verdict) -> Properties:
    """Return name -> figure for the figures that the verdict has; an infinite bound is None."""
    found: Properties = {"status": verdict.status}
    match verdict.figures:
        case None | NothingCompared():
            return found
        case ComparedRates(baseline=before, candidate=now, difference=moved, n_examples=n):
            found |= {"before": before.value, "after": now.value, "difference": moved.value}
            found |= {"low": moved.low, "high": moved.high}
        case ComparedMargins(difference=paired, n_examples=n):
            found |= {"difference": paired["value"], "low": paired["low"], "high": paired["high"]}
        case SameModel(baseline=Estimate() as before, candidate=Estimate() as now, n_examples=n):
            found |= {"before": before.value, "after": now.value}
        case RateOverFloor(candidate=now, n_examples=n) | SavedRate(candidate=now, n_examples=n):
            found["after"] = now.value
        case SameModel(n_examples=n):
            pass
    return found | {"n": n}
