"""The check that attacks with twice the budget break few more rows.

The probe attacks a sample of the rows. It changes no figure, as that would depend on which seeds
and budgets were sampled. If it breaks more rows than allowed, the check fails and states what
robust accuracy would be: from all survivors, or extrapolated from the sample.
"""

from scipy.special import ndtri

from genlabel_robust.core import plural
from genlabel_robust.runs.cells.cell import at
from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of, percent
from genlabel_robust.statistics.wilson import wilson

_PROBE = "convergence"
#: The maximum change of robust accuracy with twice the budget.
_UNCONVERGED = 0.005
_TWO_SIDED = float(ndtri(0.975))


def _judge(evidence: Evidence) -> Check | None:
    probe = at(_PROBE, evidence.eps)
    if not evidence.probed_in_time(probe):
        return None
    sampled, broken = (evidence.probed(probe, key) for key in ("sampled", "broken"))
    # proved rows cannot break, so only undecided ones are at risk
    open_ = evidence.panel.undecided(evidence.eps)
    share, at_risk = broken / max(sampled, 1.0), float(open_.mean())
    survivors = plural(int(sampled), "survivor")
    sentence = (
        f"With twice the budget, the attacks broke none of {survivors} that they tried."
        if sampled
        else "No answer is left for attacks with twice the budget to break."
    )
    if broken:
        every, value = sampled >= open_.sum(), float(evidence.robust.mean())
        rows = "survivors" if every else "sampled survivors"
        would_be = f"at most {percent(value - at_risk * share)}"
        if not every:
            low, high = (
                value - at_risk * bound for bound in reversed(wilson(share, sampled, _TWO_SIDED))
            )
            would_be = (
                f"about {percent(value - at_risk * share)} (extrapolated from the sample; 95 % "
                f"interval {percent(low)} to {percent(high)})"
            )
        sentence = (
            f"With twice the budget, the attacks broke {of(broken, sampled, rows)}: robust "
            f"accuracy would be {would_be}, not {percent(value)}; a change of 0.5 points is "
            "allowed. Attack with a stronger suite or larger budgets."
        )
    return at_most("doubled-budget", share * at_risk, _UNCONVERGED, sentence, otherwise="fail")


CRITERION = Criterion(_judge, probe=_PROBE)
