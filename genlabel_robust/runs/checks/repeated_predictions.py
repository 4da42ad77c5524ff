"""The check that repeated predictions of the model are the same."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

_PROBE = "repeated"
#: The maximum fraction of predictions that change when repeated.
_CHANGED = 0.001


def _judge(evidence: Evidence) -> Check | None:
    if not evidence.probed_rows(_PROBE):
        return None
    rows, changed = (evidence.probed(_PROBE, key) for key in ("rows", "changed"))
    sentence = f"The model gave the same answers for all {rows:.0f} rows when it was asked again."
    if changed:
        sentence = (
            f"The model gave another answer for {of(changed, rows, 'rows')} when it was asked "
            "again; at most 0.1 % is allowed."
        )
    return at_most("repeated-predictions", changed / rows, _CHANGED, sentence, otherwise="fail")


CRITERION = Criterion(_judge, probe=_PROBE)
