"""The building blocks of checks: the evidence, the criteria, and sentences with figures."""

from genlabel_robust.runs.checks.judging.canary import broken_on_canary
from genlabel_robust.runs.checks.judging.check import Check, at_least, at_most, of, percent
from genlabel_robust.runs.checks.judging.criterion import Criterion
from genlabel_robust.runs.checks.judging.evidence import Evidence
from genlabel_robust.runs.checks.judging.weaker_attacks import broken_by_weaker

__all__ = [
    "Check",
    "Criterion",
    "Evidence",
    "at_least",
    "at_most",
    "broken_by_weaker",
    "broken_on_canary",
    "of",
    "percent",
]
