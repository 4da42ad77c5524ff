"""Checks that tell whether a robustness number may be believed.

Every one gives pass, warn or fail, with the figure; docs/guide.md explains each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.threat import within
from genlabel_robust.evaluation.panel import Panel

Check = dict[str, Any]

#: Largest tolerated share of examples that only a black-box attack breaks.
_BLACK_BOX_WINS = 0.002
#: Share of useless gradients that is worth a warning.
_USELESS_GRADIENTS = 0.01


def run_checks(panel: Panel, eps: float) -> list[Check]:
    """Return the checks of one row of the results, those that apply to it."""
    if panel.nearest is None:
        return []
    checks = [_confirmed(panel), _not_above_clean(panel, eps), _starts(panel)]
    checks += [_gradients_used(panel), *_white_box_not_weaker(panel, eps)]
    checks += _gradients(panel)
    checks += _exact(panel, eps)
    return checks


def _check(name: str, passed: bool, value: float, allowed: str, *, fatal: bool) -> Check:
    status = "pass" if passed else ("fail" if fatal else "warn")
    return {"name": name, "status": status, "value": float(value), "allowed": allowed}


def _evidence(panel: Panel, key: str) -> float:
    return float(sum(found.get(key, 0.0) for r in panel.results for found in r.evidence.values()))


def _confirmed(panel: Panel) -> Check:
    """What attacks claimed to have broken was broken when predicted again."""
    claimed = _evidence(panel, "unconfirmed") + float((panel.outcomes == Outcome.BROKEN).sum())
    share = _evidence(panel, "unconfirmed") / max(claimed, 1.0)
    return _check(
        "claims confirmed", share <= 0.01, share, "unconfirmed share <= 0.01", fatal=False
    )


def _not_above_clean(panel: Panel, eps: float) -> Check:
    """No example is robust that was not correct."""
    nearest = panel.nearest
    robust = panel.robust(nearest, eps) if nearest is not None else panel.clean
    wrong = float((robust & ~panel.clean).sum())
    return _check("robust only where correct", wrong == 0, wrong, "0 examples", fatal=True)


def _starts(panel: Panel) -> Check:
    """An attack without a starting point says nothing about robustness."""
    share = float((panel.outcomes == Outcome.NO_START).mean())
    return _check(
        "starting points found", share == 0, share, "share without a start: 0", fatal=False
    )


def _gradients_used(panel: Panel) -> Check:
    """Label-only attacks alone leave much to be found: their figure is a loose upper bound."""
    used = any(
        ATTACKS.load(name).needs == "gradients" and panel.applicable(index)
        for index, name in enumerate(panel.attacks)
    )
    return _check(
        "an attack with gradients ran", used, float(used),
        "at least 1; without one the true robust accuracy may be far lower", fatal=False,
    )  # fmt: skip


def _white_box_not_weaker(panel: Panel, eps: float) -> list[Check]:
    """Gradients break at least what decisions break."""
    needs = [ATTACKS.load(name).needs for name in panel.attacks]
    white = [i for i, n in enumerate(needs) if n == "gradients" and panel.applicable(i)]
    black = [i for i, n in enumerate(needs) if n != "gradients" and panel.applicable(i)]
    checks = []
    if white and black:
        by_white = within(panel.distances[:, white].min(axis=1), eps)
        by_black = within(panel.distances[:, black].min(axis=1), eps)
        share = float((by_black & ~by_white & panel.clean).mean())
        checks.append(
            _check(
                "white-box not weaker than black-box", share <= _BLACK_BOX_WINS, share,
                f"share broken by black-box only <= {_BLACK_BOX_WINS}", fatal=False,
            )
        )  # fmt: skip
    if {"fgsm", "pgd"} <= {panel.attacks[i] for i in white}:
        fgsm, pgd = (
            within(panel.distances[:, panel.attacks.index(name)], eps) for name in ("fgsm", "pgd")
        )
        share = float(((fgsm & ~pgd) & panel.clean).mean())
        checks.append(
            _check(
                "PGD not weaker than FGSM", share <= _BLACK_BOX_WINS, share,
                f"share broken by FGSM only <= {_BLACK_BOX_WINS}", fatal=False,
            )
        )  # fmt: skip
    return checks


def _gradients(panel: Panel) -> list[Check]:
    """Gradients that are zero, NaN or infinite attack nothing."""
    total = _evidence(panel, "gradients")
    if total == 0:
        return []
    share = (_evidence(panel, "zero_gradients") + _evidence(panel, "nonfinite_gradients")) / total
    return [
        _check(
            "gradients usable", share <= _USELESS_GRADIENTS, share,
            f"share zero or not finite <= {_USELESS_GRADIENTS}", fatal=False,
        )
    ]  # fmt: skip


def _exact(panel: Panel, eps: float) -> list[Check]:
    """On affine models, by how much the attacks overestimate."""
    if panel.exact is None or panel.nearest is None:
        return []
    exact, attacked = panel.robust(panel.exact, eps), panel.robust(panel.nearest, eps)
    gap = float(attacked.mean() - exact.mean())
    # rows whose exact distance is ε itself may fall on either side by rounding
    decided = np.abs(panel.exact - eps) > 1e-3 * eps
    below = float((exact & ~attacked & decided).sum())
    return [
        _check("attacks not below the exact value", below == 0, below, "0 examples", fatal=True),
        _check("gap to the exact value", gap <= 0.005, gap, "gap <= 0.005", fatal=False),
    ]
