"""The check that a model with gradients returns logits, as probabilities hide gradients."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

_PROBE = "scores"
#: The fraction of rows with probabilities from which on the scores count as probabilities.
_PROBABILITIES = 0.5


def _judge(evidence: Evidence) -> Check | None:
    if not evidence.probed(_PROBE, "gradients"):
        return None
    rows, probabilities = (evidence.probed(_PROBE, key) for key in ("rows", "probabilities"))
    sentence = "No row’s scores are probabilities."
    if probabilities:
        sentence = (
            f"The scores of {of(probabilities, rows, 'rows')} are probabilities, which hide "
            "gradients: give attacks the logits; at most 50 % is allowed."
        )
    return at_most("scores", probabilities / rows, _PROBABILITIES, sentence, otherwise="fail")


CRITERION = Criterion(_judge, probe=_PROBE)
