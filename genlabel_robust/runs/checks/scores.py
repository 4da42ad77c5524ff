"""Scores of a model with gradients are logits: probabilities hide gradients."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

_PROBE = "scores"
#: Share of rows whose scores are probabilities that makes the scores such.
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
