"""Checks of the model: is it one that the attacks can see into."""

from __future__ import annotations

from genlabel_robust.evaluation.checks.check import Check, check, probed, probed_rows
from genlabel_robust.evaluation.panel import Panel

#: Share of rows whose softmax is exactly 1 that is worth a warning.
_SATURATED = 0.1


def checks_of_model(panel: Panel) -> list[Check]:
    """Return the checks of the model's outputs."""
    return [*_repeated(panel), *_scores(panel)]


def _repeated(panel: Panel) -> list[Check]:
    """Randomness at inference makes every number here a matter of luck."""
    if not probed_rows(panel, "repeated"):
        return []
    share = probed(panel, "repeated", "changed") / probed(panel, "repeated", "rows")
    return [
        check("predictions repeat", share, 0.001, "share that changes <= 0.001", otherwise="fail")
    ]


def _scores(panel: Panel) -> list[Check]:
    """Probabilities in place of logits, and logits too large, hide gradients from others."""
    if not probed_rows(panel, "scores") or not probed(panel, "scores", "gradients"):
        return []
    rows = probed(panel, "scores", "rows")
    probabilities, saturated = (
        probed(panel, "scores", key) / rows for key in ("probabilities", "saturated")
    )
    return [
        check(
            "scores are logits", probabilities, 0.5,
            "share of rows that are probabilities <= 0.5; give attacks the logits",
            otherwise="fail",
        ),
        check(
            "softmax not saturated", saturated, _SATURATED,
            f"share of rows <= {_SATURATED}; only losses on logits see a gradient there",
            otherwise="warn",
        ),
    ]  # fmt: skip
