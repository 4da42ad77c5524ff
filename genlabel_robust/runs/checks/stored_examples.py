"""The check that stored examples are valid, from their raw features alone."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most

_PROBE = "stored"


def _judge(evidence: Evidence) -> Check | None:
    if not evidence.probed_rows(_PROBE):
        return None
    rows, bad = (evidence.probed(_PROBE, key) for key in ("rows", "bad"))
    sentence = (
        f"All {rows:.0f} stored adversarial examples are mislabelled, in the box and at the stated "
        "distance, with immutable features unmoved."
    )
    if bad:
        sentence = (
            f"In {bad:.0f} of {rows:.0f} stored adversarial examples the label, the box, the "
            "distance or an immutable feature is wrong; none is allowed."
        )
    return at_most("stored-examples", bad, 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge, probe=_PROBE)
