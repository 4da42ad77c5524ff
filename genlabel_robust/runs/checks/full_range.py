"""The check that attacks break all rows known to be breakable if the ball is the whole box."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of, percent

_PROBE = "full range"
#: The maximum fraction of rows that stay unbroken at the full range.
_UNBROKEN = 0.01


def _judge(evidence: Evidence) -> Check | None:
    if not evidence.probed_in_time(_PROBE) or evidence.probed(_PROBE, "constant"):
        return None
    rows, sampled, robust, breakable = (
        evidence.probed(_PROBE, key) for key in ("rows", "sampled", "robust", "breakable")
    )
    scale = rows / evidence.probed_rows(_PROBE) / max(sampled, 1.0)
    if breakable * scale > _UNBROKEN:
        sentence = (
            f"With the whole range to move in, the attacks left "
            f"{of(breakable, sampled, 'sampled rows')} unbroken although points that break them "
            f"are known: they would wrongly call {percent(breakable * scale)} of all rows robust; "
            "at most 1 % is allowed."
        )
        return at_most("full-range", breakable * scale, _UNBROKEN, sentence, otherwise="fail")
    sentence = "With the whole range to move in, the attacks broke every row that they tried."
    if robust:
        left = of(robust, sampled, "sampled rows")
        sentence = (
            f"With the whole range to move in, the attacks left {left} unbroken; points that break "
            f"them are known for {breakable:.0f} of these. At most 1 % of all rows is allowed."
        )
        if not breakable and (excused := _excused(evidence)):
            sentence = (
                f"With the whole range to move in, the attacks left {left} unbroken, and no point "
                f"that breaks one of them is known; {excused}."
            )
            return at_most("full-range", 0.0, _UNBROKEN, sentence, otherwise="warn")
    return at_most("full-range", robust * scale, _UNBROKEN, sentence, otherwise="warn")


def _excused(evidence: Evidence) -> str | None:
    """Return why rows that no known point breaks may stay unbroken, or None if they may not."""
    if evidence.all_decided:
        return "every answer is decided, so no attack has to be trusted"
    if evidence.probed(_PROBE, "limited"):
        return "the threat keeps features fixed, which may rule out every such point"
    return None


CRITERION = Criterion(_judge, probe=_PROBE)
