"""The common part of the checks on canaries, models with known margins."""

from genlabel_robust.runs.checks.judging.check import Check, at_least, percent
from genlabel_robust.runs.checks.judging.evidence import Evidence


def broken_on_canary(
    check: str, evidence: Evidence, canary: str, what: str, least: float
) -> Check | None:
    """Return the ``check`` that the attacks break at least the fraction ``least`` of ``canary``.

    ``what``: a noun for the canary. None if the canary was not run.
    """
    record = (evidence.canaries or {}).get(canary)
    if record is None:
        return None
    share = record.broken
    sentence = f"No attack of the suite can work on {what} whose margins are known."
    if share is not None:
        sentence = (
            f"Together the attacks broke {percent(share)} of the rows that can be broken on {what} "
            f"whose margins are known; at least {percent(least)} is needed."
        )
        sentence += "" if share >= least else " Attack with a stronger suite."
    return at_least(check, share or 0.0, least, sentence, otherwise="fail")
