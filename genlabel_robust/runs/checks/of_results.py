"""Checks of the numbers themselves: claims, stored examples, order, exact values."""

from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import (
    Check,
    at_most,
    evidence,
    of,
    percent,
    probed,
    probed_rows,
)

#: Largest tolerated share of claims that the model does not confirm.
_UNCONFIRMED = 0.01
#: Largest tolerated gap between the attacks' robust accuracy and the exact one.
_GAP = 0.005


def checks_of_results(
    panel: Panel, nearest: FloatArray, eps: float, sweep: tuple[float, ...]
) -> list[Check]:
    """Return the checks of what was found at ``eps``, one of the ``sweep``.

    ``nearest`` (S, n): the worst case over all attacks.
    """
    return [
        *_confirmed(panel),
        *_stored(panel),
        *_order(panel, nearest, eps, sweep),
        *_decided(panel, nearest, eps),
        *_exact(panel, nearest, eps),
    ]


def _confirmed(panel: Panel) -> list[Check]:
    """What attacks claimed was inside the ball, and broken when predicted again."""
    unconfirmed, outside = evidence(panel, "unconfirmed"), evidence(panel, "outside")
    claimed = unconfirmed + float((panel.outcomes == Outcome.BROKEN).sum())
    held = f"The model confirmed all {claimed:.0f} adversarial points that attacks claimed."
    if unconfirmed:
        held = (
            f"The model did not confirm {of(unconfirmed, claimed, 'adversarial points')} that "
            "attacks claimed, and they do not count; at most 1 % is allowed."
        )
    inside = "No attack claimed a point outside the ball or the box."
    if outside:
        inside = (
            f"Of {claimed:.0f} adversarial points that attacks claimed, {outside:.0f} lay outside "
            "the ball or the box; none is allowed."
        )
    most = max(claimed, 1.0)
    return [
        at_most("claims", unconfirmed / most, _UNCONFIRMED, held, otherwise="warn"),
        at_most("ball", outside / most, 0.0, inside, otherwise="fail"),
    ]


def _stored(panel: Panel) -> list[Check]:
    """Stored examples hold when looked at from their raw features alone."""
    if not probed_rows(panel, "stored"):
        return []
    rows, bad = (probed(panel, "stored", key) for key in ("rows", "bad"))
    sentence = (
        f"All {rows:.0f} stored adversarial examples are mislabelled, in the box and at the stated "
        "distance, with immutable features unmoved."
    )
    if bad:
        sentence = (
            f"In {bad:.0f} of {rows:.0f} stored adversarial examples the label, the box, the "
            "distance or an immutable feature is wrong; none is allowed."
        )
    return [at_most("stored-examples", bad, 0.0, sentence, otherwise="fail")]


def _order(panel: Panel, nearest: FloatArray, eps: float, sweep: tuple[float, ...]) -> list[Check]:
    """No example is robust that was not correct, or that a smaller ε broke."""
    robust = panel.robust(nearest, eps)
    wrong = float((robust & ~panel.clean).sum())
    smaller = [panel.robust(nearest, other) for other in sweep if other < eps]
    risen = float(sum((robust & ~before).sum() for before in smaller))
    correct = "No misclassified row counts as robust."
    if wrong:
        correct = (
            f"Of {robust.sum():.0f} answers that count as robust, {wrong:.0f} are wrong on the "
            "untouched row; none is allowed."
        )
    falls = f"No row that a smaller ε broke counts as robust at ε = {eps:g}."
    if risen:
        falls = (
            f"In {risen:.0f} cases an answer that a smaller ε broke counts as robust at ε = "
            f"{eps:g}; none is allowed."
        )
    return [
        at_most("robust-where-correct", wrong, 0.0, correct, otherwise="fail"),
        at_most("order-of-eps", risen, 0.0, falls, otherwise="fail"),
    ]


def _decided(panel: Panel, nearest: FloatArray, eps: float) -> list[Check]:
    """How much is decided by proofs, and that no attack broke what is proved."""
    certified = panel.certified(eps)
    if certified is None:
        return []
    undecided, total = float(panel.undecided(eps).sum()), float(panel.clean.size)
    low, high = certified.mean(), panel.robust(nearest, eps).mean()
    sentence = (
        f"Every answer is decided: robust accuracy is {percent(high)} exactly, by proofs and by "
        "points that the model mislabels."
    )
    if undecided:
        sentence = (
            f"{of(undecided, total, 'answers')} are neither proved nor broken: robust accuracy "
            f"lies between {percent(low)} and {percent(high)}."
        )
    return [Check("decided", "pass", sentence, undecided / total, "at most", 1.0)]


def _exact(panel: Panel, nearest: FloatArray, eps: float) -> list[Check]:
    """By how much the attacks overestimate, where the exact value is known."""
    attacked = panel.attacked
    if attacked is None:
        return []
    if panel.exact_at(eps):
        gap = float(panel.robust(attacked, eps).mean() - panel.robust(nearest, eps).mean())
        close = "The attacks alone would have found the exact robust accuracy."
        if gap > 0:
            close = (
                f"The attacks alone would have left robust accuracy {100 * gap:.3g} points above "
                "the exact value; what is reported is the exact one."
            )
        return [Check("exact-gap", "pass", close, gap, "at most", 1.0)]
    if panel.exact is None:
        return []
    exact, broken = panel.robust(panel.exact, eps), panel.robust(nearest, eps)
    gap = float(broken.mean() - exact.mean())
    # rows whose exact distance is ε itself may fall on either side by rounding
    decided = np.abs(panel.exact - eps) > 1e-3 * eps
    below = float((exact & ~broken & decided).sum())
    possible = "No row whose exact distance lies beyond ε counts as broken."
    if below:
        possible = (
            f"Attacks are said to have broken {of(below, exact.sum(), 'rows')} whose exact "
            "distance lies beyond ε, which is impossible; none is allowed."
        )
    close = "The attacks’ robust accuracy is no higher than the exact one."
    if gap > 0:
        close = (
            f"The attacks’ robust accuracy is {100 * gap:.3g} points above the exact one; at most "
            "0.5 points are allowed."
        )
    return [
        at_most("exact-bound", below, 0.0, possible, otherwise="fail"),
        at_most("exact-gap", gap, _GAP, close, otherwise="warn"),
    ]
