"""Checks of whether a robustness number can be trusted.

Each check gives pass, warn or fail, with its figure. It is one file, and one line here, in the
order of a row's checks; the line is also its row in docs/concepts/checks.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genlabel_robust.core.registry import Registry

if TYPE_CHECKING:
    from genlabel_robust.runs.cells.canary_record import CanaryRecord
    from genlabel_robust.runs.cells.panel import Panel
    from genlabel_robust.runs.checks.judging import Check, Criterion

_HERE = "genlabel_robust.runs.checks"

CHECKS = Registry(
    "check",
    {
        "claims": (
            f"{_HERE}.claims:CRITERION",
            "did the model confirm the points that attacks claimed, when asked about raw features",
        ),
        "ball": (
            f"{_HERE}.ball:CRITERION",
            "did an attack claim a point outside the ball or the box",
        ),
        "stored-examples": (
            f"{_HERE}.stored_examples:CRITERION",
            "is each stored example mislabelled, in the box and at its stated distance, with "
            "immutable features unmoved",
        ),
        "robust-where-correct": (
            f"{_HERE}.robust_where_correct:CRITERION",
            "does a misclassified row count as robust",
        ),
        "order-of-eps": (
            f"{_HERE}.order_of_eps:CRITERION",
            "does a row that a smaller ε broke count as robust",
        ),
        "decided": (
            f"{_HERE}.decided:CRITERION",
            "how many answers are neither proved nor broken (if none, robust accuracy is exact)",
        ),
        "exact-bound": (
            f"{_HERE}.exact_bound:CRITERION",
            "where distances are exact: did an attack claim what is impossible",
        ),
        "exact-gap": (
            f"{_HERE}.exact_gap:CRITERION",
            "where the value is exact: by how much do the attacks alone overestimate it",
        ),
        "time": (
            f"{_HERE}.time:CRITERION",
            "was an example left out for want of time (`--max-seconds`)",
        ),
        "starting-points": (
            f"{_HERE}.starting_points:CRITERION",
            "did every attack that needs a starting point find one",
        ),
        "white-box": (
            f"{_HERE}.white_box:CRITERION",
            "did an attack with gradients run (without one, what is not proved is a loose "
            "upper bound)",
        ),
        "white-box-against-black-box": (
            f"{_HERE}.white_box_against_black_box:CRITERION",
            "did attacks without gradients break rows that those with gradients left",
        ),
        "pgd-against-fgsm": (
            f"{_HERE}.pgd_against_fgsm:CRITERION",
            "did FGSM break rows that PGD left",
        ),
        "search-against-noise": (
            f"{_HERE}.search_against_noise:CRITERION",
            "did random points of the ball break rows that attacks that search left (they count "
            "as broken in any case)",
        ),
        "search-against-single-features": (
            f"{_HERE}.search_against_single_features:CRITERION",
            "did a change of one column break rows that all attacks left (they count as broken "
            "in any case)",
        ),
        "gradients": (
            f"{_HERE}.gradients:CRITERION",
            "how many gradients were zero, NaN or infinite",
        ),
        "canary-affine": (
            f"{_HERE}.canary_affine:CRITERION",
            "how many of the rows that can be broken on an affine model of known margins does the "
            "suite break",
        ),
        "canary-forest": (
            f"{_HERE}.canary_forest:CRITERION",
            "the same on a small forest, for models that give scores but no gradients",
        ),
        "canary-forest-by-labels": (
            f"{_HERE}.canary_forest_by_labels:CRITERION",
            "the same on that forest, for models that give labels only",
        ),
        "lost-successes": (
            f"{_HERE}.lost_successes:CRITERION",
            "did an attack meet an adversarial point and not return it (watched on the canary; "
            "with `--checks full` on all rows)",
        ),
        "full-range": (
            f"{_HERE}.full_range:CRITERION",
            "when the ball is the whole box, do attacks break every row that is known to be "
            "breakable",
        ),
        "doubled-budget": (
            f"{_HERE}.doubled_budget:CRITERION",
            "does robust accuracy change by more than half a point when steps, restarts and "
            "queries are doubled",
        ),
        "repeated-predictions": (
            f"{_HERE}.repeated_predictions:CRITERION",
            "does the model give the same answer again, and in another order",
        ),
        "scores": (
            f"{_HERE}.scores:CRITERION",
            "does the model return probabilities where attacks need logits (that hides gradients)",
        ),
        "softmax": (
            f"{_HERE}.softmax:CRITERION",
            "are logits so large that a softmax in float32 is exactly 1",
        ),
    },
    group="checks",
    fits=f"{_HERE}.judging.outside:fit_check",
)

__all__ = ["CHECKS", "criteria", "run_checks"]


def criteria() -> dict[str, Criterion]:
    """Return name of a check -> its criterion, for all checks."""
    return {name: CHECKS.load(name) for name in CHECKS}


def run_checks(
    panel: Panel,
    eps: float,
    sweep: tuple[float, ...],
    canaries: Mapping[str, CanaryRecord] | None = None,
) -> list[Check]:
    """Return the checks that apply to one row of the results.

    ``panel``, ``eps``: the results of the row, and its budget. ``sweep``: every ε of the run.
    ``canaries``: name -> record of ``run_canaries``, None if there are none.
    """
    from genlabel_robust.runs.checks.judging import Evidence

    if panel.nearest is None:
        return []
    evidence = Evidence(panel, panel.nearest, eps, sweep, canaries)
    found = (criterion.check(evidence) for criterion in criteria().values())
    return [check for check in found if check is not None]
