"""Checks of the model: is it one that the attacks can see into."""

from __future__ import annotations

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import Check, at_most, of, probed, probed_rows

#: Largest tolerated share of predictions that change when asked again.
_CHANGED = 0.001
#: Share of rows whose scores are probabilities that makes the scores such.
_PROBABILITIES = 0.5
#: Share of rows whose softmax is exactly 1 that is worth a warning.
_SATURATED = 0.1


def checks_of_model(panel: Panel) -> list[Check]:
    """Return the checks of the model's outputs."""
    return [*_repeated(panel), *_scores(panel)]


def _repeated(panel: Panel) -> list[Check]:
    """Randomness at inference makes every number here a matter of luck."""
    if not probed_rows(panel, "repeated"):
        return []
    rows, changed = (probed(panel, "repeated", key) for key in ("rows", "changed"))
    sentence = f"The model gave the same answers for all {rows:.0f} rows when it was asked again."
    if changed:
        sentence = (
            f"The model gave another answer for {of(changed, rows, 'rows')} when it was asked "
            "again; at most 0.1 % is allowed."
        )
    return [at_most("repeated-predictions", changed / rows, _CHANGED, sentence, otherwise="fail")]


def _scores(panel: Panel) -> list[Check]:
    """Probabilities in place of logits, and logits too large, hide gradients from others."""
    if not probed_rows(panel, "scores") or not probed(panel, "scores", "gradients"):
        return []
    rows, probabilities, saturated = (
        probed(panel, "scores", key) for key in ("rows", "probabilities", "saturated")
    )
    said, unsaturated = (
        "No row’s scores are probabilities.",
        "No row’s logits are so large that a softmax in float32 is exactly 1.",
    )
    if probabilities:
        said = (
            f"The scores of {of(probabilities, rows, 'rows')} are probabilities, which hide "
            "gradients: give attacks the logits; at most 50 % is allowed."
        )
    if saturated:
        unsaturated = (
            f"The logits of {of(saturated, rows, 'rows')} are so large that a softmax in float32 "
            "is exactly 1, where only losses on logits see a gradient; at most 10 % is allowed."
        )
    return [
        at_most("scores", probabilities / rows, _PROBABILITIES, said, otherwise="fail"),
        at_most("softmax", saturated / rows, _SATURATED, unsaturated, otherwise="warn"),
    ]
