"""Checks of what was tried beyond the suite: the whole range, more budget.

A probe that sees a sample of the rows changes no figure, since that would favour the seeds
and budgets that were sampled. Where it breaks more than is allowed its check fails, with
the figure that it would be.
"""

from __future__ import annotations

from collections.abc import Iterator

from scipy.special import ndtri

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.runs.cells.cell import at
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import Check, at_most, of, percent, probed, probed_rows
from genlabel_robust.statistics.wilson import wilson

#: Largest tolerated change of robust accuracy by twice the budget.
_UNCONVERGED = 0.005
#: Largest tolerated share of rows that stay unbroken at the full range.
_UNBROKEN = 0.01
_TWO_SIDED = float(ndtri(0.975))


def checks_of_probes(panel: Panel, nearest: FloatArray, eps: float) -> Iterator[Check]:
    """Yield the checks of the probes at ``eps``; ``nearest`` (S, n): the worst case found."""
    yield from _full_range(panel)
    yield from _doubled(panel, nearest, eps)


def _full_range(panel: Panel) -> Iterator[Check]:
    """Where the ball is the whole box, what is known to be breakable must break."""
    name = "full range"
    if not _made(panel, name) or probed(panel, name, "constant"):
        return
    rows, sampled, robust, breakable = (
        probed(panel, name, key) for key in ("rows", "sampled", "robust", "breakable")
    )
    scale = rows / probed_rows(panel, name) / max(sampled, 1.0)
    if breakable * scale > _UNBROKEN:
        sentence = (
            f"With the whole range to move in, the attacks left "
            f"{of(breakable, sampled, 'sampled rows')} unbroken although points that break them "
            f"are known: they would call {percent(breakable * scale)} of all rows robust where "
            "0 % is right; at most 1 % is allowed."
        )
        yield at_most("full-range", breakable * scale, _UNBROKEN, sentence, otherwise="fail")
        return
    sentence = "With the whole range to move in, the attacks broke every row they were tried on."
    if robust:
        left = of(robust, sampled, "sampled rows")
        sentence = (
            f"With the whole range to move in, the attacks left {left} unbroken; points that break "
            f"them are known for {breakable:.0f} of these. At most 1 % of all rows is allowed."
        )
    yield at_most("full-range", robust * scale, _UNBROKEN, sentence, otherwise="warn")


def _doubled(panel: Panel, nearest: FloatArray, eps: float) -> Iterator[Check]:
    """Judge by what robust accuracy would be, from all sampled rows or extrapolated from them."""
    name = at("convergence", eps)
    if not _made(panel, name):
        return
    sampled, broken = (probed(panel, name, key) for key in ("sampled", "broken"))
    # what is proved cannot break, however strong the attack
    robust, open_ = panel.robust(nearest, eps), panel.undecided(eps)
    value, at_risk = float(robust.mean()), float(open_.mean())
    share = broken / max(sampled, 1.0)
    sentence = (
        f"With twice the budget, the attacks broke none of the {sampled:.0f} survivors tried."
        if sampled
        else "No answer is left that twice the budget of the attacks could break."
    )
    if broken:
        every = sampled >= open_.sum()
        rows = "survivors" if every else "sampled survivors"
        low, high = (
            value - at_risk * bound for bound in reversed(wilson(share, sampled, _TWO_SIDED))
        )
        figure = (
            f"at most {percent(value - at_risk * share)}"
            if every
            else (
                f"about {percent(value - at_risk * share)} (extrapolated from the sample; 95 % "
                f"interval {percent(low)} to {percent(high)})"
            )
        )
        sentence = (
            f"With twice the budget, the attacks broke {of(broken, sampled, rows)}: robust "
            f"accuracy would be {figure} and not {percent(value)}; a change of 0.5 points is "
            "allowed. A stronger suite, or larger budgets, may find them."
        )
    yield at_most("doubled-budget", share * at_risk, _UNCONVERGED, sentence, otherwise="fail")


def _made(panel: Panel, name: str) -> bool:
    """Say whether the probe ``name`` was made, and had the time for one of its survivors."""
    all_left_out = probed(panel, name, "rows") and not probed(panel, name, "sampled")
    constant = probed(panel, name, "constant")
    return bool(probed_rows(panel, name) and (constant or not all_left_out))
