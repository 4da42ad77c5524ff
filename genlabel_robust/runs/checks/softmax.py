"""The check that logits do not saturate softmax, so that all losses have gradients."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

_PROBE = "scores"
#: The fraction of rows with a softmax of exactly 1 from which on the check warns.
_SATURATED = 0.1


def _judge(evidence: Evidence) -> Check | None:
    if not evidence.probed(_PROBE, "gradients"):
        return None
    rows, saturated = (evidence.probed(_PROBE, key) for key in ("rows", "saturated"))
    sentence = "No row’s logits are so large that a softmax in float32 is exactly 1."
    if saturated:
        sentence = (
            f"The logits of {of(saturated, rows, 'rows')} are so large that a softmax in float32 "
            "is exactly 1, and only losses on logits have a gradient there; at most 10 % is "
            "allowed."
        )
    return at_most("softmax", saturated / rows, _SATURATED, sentence, otherwise="warn")


CRITERION = Criterion(_judge, probe=_PROBE, masking=True)
