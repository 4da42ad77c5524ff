"""Whether the attacks break what can be broken on a canary, a model of known margins."""

from genlabel_robust.runs.checks.judging.check import Check, at_least, percent
from genlabel_robust.runs.checks.judging.evidence import Evidence


def broken_on_canary(
    check: str, evidence: Evidence, canary: str, what: str, least: float
) -> Check | None:
    """Return the ``check`` that the attacks break ``least``, a share, on ``canary``.

    ``what`` it is, for a sentence. None where it was not run.
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
