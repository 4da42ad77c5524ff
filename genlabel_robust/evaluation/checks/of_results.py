"""Checks of the numbers themselves: claims, stored examples, order, exact values."""

from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.evaluation.checks.check import Check, check, evidence, probed, probed_rows
from genlabel_robust.evaluation.panel import Panel


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
        *_exact(panel, nearest, eps),
    ]


def _confirmed(panel: Panel) -> list[Check]:
    """What attacks claimed was inside the ball, and broken when predicted again."""
    claimed = evidence(panel, "unconfirmed") + float((panel.outcomes == Outcome.BROKEN).sum())
    unconfirmed, outside = (evidence(panel, k) / max(claimed, 1.0) for k in
                            ("unconfirmed", "outside"))  # fmt: skip
    return [
        check("claims confirmed", unconfirmed, 0.01, "unconfirmed share <= 0.01", otherwise="warn"),
        check("attacks stay in the ball", outside, 0.0, "share outside: 0", otherwise="fail"),
    ]


def _stored(panel: Panel) -> list[Check]:
    """Stored examples hold when looked at from their raw features alone."""
    if not probed_rows(panel, "stored"):
        return []
    bad = probed(panel, "stored", "bad")
    return [check("stored examples hold", bad, 0.0, "0 examples", otherwise="fail")]


def _order(panel: Panel, nearest: FloatArray, eps: float, sweep: tuple[float, ...]) -> list[Check]:
    """No example is robust that was not correct, or that a smaller ε broke."""
    robust = panel.robust(nearest, eps)
    wrong = float((robust & ~panel.clean).sum())
    smaller = [panel.robust(nearest, other) for other in sweep if other < eps]
    risen = float(sum((robust & ~before).sum() for before in smaller))
    return [
        check("robust only where correct", wrong, 0.0, "0 examples", otherwise="fail"),
        check("robust accuracy never rises with ε", risen, 0.0, "0 examples", otherwise="fail"),
    ]


def _exact(panel: Panel, nearest: FloatArray, eps: float) -> list[Check]:
    """On affine models, by how much the attacks overestimate."""
    if panel.exact is None:
        return []
    exact, attacked = panel.robust(panel.exact, eps), panel.robust(nearest, eps)
    gap = float(attacked.mean() - exact.mean())
    # rows whose exact distance is ε itself may fall on either side by rounding
    decided = np.abs(panel.exact - eps) > 1e-3 * eps
    below = float((exact & ~attacked & decided).sum())
    return [
        check("attacks not below the exact value", below, 0.0, "0 examples", otherwise="fail"),
        check("gap to the exact value", gap, 0.005, "gap <= 0.005", otherwise="warn"),
    ]
