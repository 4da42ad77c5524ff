"""The check that gradients are useful, not zero, NaN or infinite."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

#: The fraction of useless gradients from which on the check warns.
_USELESS = 0.01


def _judge(evidence: Evidence) -> Check | None:
    total = evidence.recorded("gradients")
    if not total:
        return None
    useless = evidence.recorded("zero_gradients") + evidence.recorded("nonfinite_gradients")
    sentence = f"None of {total:.0f} gradients was zero or not finite."
    if useless:
        sentence = (
            f"{of(useless, total, 'gradients')} pointed nowhere: they were zero, NaN or "
            "infinite; at most 1 % is allowed."
        )
    return at_most("gradients", useless / total, _USELESS, sentence, otherwise="warn")


CRITERION = Criterion(_judge, needs="attacks", masking=True)
