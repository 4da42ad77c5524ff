"""Checks of the attacks: could they work, and did the stronger ones do better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.threat import within
from genlabel_robust.evaluation.checks.check import Check, check, evidence, probed, probed_rows
from genlabel_robust.evaluation.panel import Panel
from genlabel_robust.evaluation.probes import at

#: Largest tolerated share of examples that only a weaker kind of attack breaks.
_WEAKER_WINS = 0.002
#: Share of useless gradients that is worth a warning.
_USELESS_GRADIENTS = 0.01
#: Largest tolerated change of robust accuracy by twice the budget.
_UNCONVERGED = 0.005
#: Least share of the canary's breakable examples that the attacks together must break.
_CANARY = 0.99


def checks_of_attacks(
    panel: Panel, eps: float, canary: Mapping[str, Any] | None
) -> Iterator[Check]:
    """Yield the checks of the attacks at ``eps``."""
    yield _finished(panel, eps)
    yield _starts(panel)
    yield _gradients_used(panel)
    yield from _weaker_wins(panel, eps)
    yield from _gradients(panel)
    if canary is not None:
        yield from _canary(panel, canary)
    yield from _probes(panel, eps)


def _finished(panel: Panel, eps: float) -> Check:
    """What an attack had no time for says nothing about robustness."""
    able = [i for i in range(len(panel.attacks)) if panel.applicable(i)]
    share = float(np.mean([panel.out_of_time(i, eps) for i in able]))
    return check(
        "every attack finished", share, 0.0, "share of all examples left out for want of time: 0",
        otherwise="fail",
    )  # fmt: skip


def _starts(panel: Panel) -> Check:
    """An attack without a starting point says nothing about robustness."""
    share = float((panel.outcomes == Outcome.NO_START).mean())
    return check(
        "starting points found", share, 0.0, "share without a start: 0", otherwise="warn"
    )  # fmt: skip


def _gradients_used(panel: Panel) -> Check:
    """Label-only attacks alone leave much to be found: their figure is a loose upper bound."""
    used = any(
        needs == "gradients" and panel.applicable(index) for index, needs in enumerate(panel.needs)
    )
    return check(
        "an attack with gradients ran", float(not used), 0.0,
        "0; without one the true robust accuracy may be far lower", otherwise="warn",
    )  # fmt: skip


def _weaker_wins(panel: Panel, eps: float) -> Iterator[Check]:
    """Gradients break what decisions break, many steps what one does, a search what luck does."""
    able = [i for i in range(len(panel.attacks)) if panel.applicable(i)]
    white = [i for i in able if panel.needs[i] == "gradients"]
    black = [i for i in able if panel.needs[i] != "gradients"]
    many = [i for i in white if panel.attacks[i] == "pgd"]
    one = [i for i in white if panel.attacks[i] == "fgsm"]
    luck = [i for i in able if panel.attacks[i] == "noise"]
    search = [i for i in able if i not in luck]
    for name, strong, weak, kind in (
        ("white-box not weaker than black-box", white, black, "black-box"),
        ("PGD not weaker than FGSM", many, one, "FGSM"),
        ("other attacks not weaker than noise", search, luck, "noise"),
    ):
        if strong and weak:
            by_strong, by_weak = (
                within(panel.distances[:, which].min(axis=1), eps) for which in (strong, weak)
            )
            # what early stop or the clock spared the stronger attack says nothing against it
            spared = (panel.outcomes[:, strong] == Outcome.SKIPPED).any(axis=1)
            spared |= np.any([panel.out_of_time(i, eps) for i in strong], axis=0)
            share = float((by_weak & ~by_strong & ~spared & panel.clean).mean())
            yield check(
                name, share, _WEAKER_WINS,
                f"share broken by {kind} only <= {_WEAKER_WINS}", otherwise="warn",
            )  # fmt: skip


def _gradients(panel: Panel) -> Iterator[Check]:
    """Gradients that are zero, NaN or infinite attack nothing."""
    total = evidence(panel, "gradients")
    if total:
        useless = evidence(panel, "zero_gradients") + evidence(panel, "nonfinite_gradients")
        yield check(
            "gradients usable", useless / total, _USELESS_GRADIENTS,
            f"share zero or not finite <= {_USELESS_GRADIENTS}", otherwise="warn",
        )  # fmt: skip


def _canary(panel: Panel, canary: Mapping[str, Any]) -> Iterator[Check]:
    """The attacks break what is known to be breakable, and return every success they meet."""
    yield check(
        "canary", 1.0 - canary["broken"], 1 - _CANARY,
        "share missed of what is known to be breakable <= 0.01", otherwise="fail",
    )  # fmt: skip
    lost = evidence(panel, "lost") + sum(found["lost"] for found in canary["attacks"].values())
    yield check("no success is lost", lost, 0.0, "0 examples", otherwise="fail")


def _probes(panel: Panel, eps: float) -> Iterator[Check]:
    """Judge what was tried beyond the suite: the whole range, more budget."""
    convergence = at("convergence", eps)
    if _sampled(panel, "full range") and not probed(panel, "full range", "constant"):
        share = _scaled_up(panel, "full range", "robust")
        yield check(
            "broken at the full range", share, 0.01, "share robust <= 0.01", otherwise="warn"
        )
    if _sampled(panel, convergence):
        share = _scaled_up(panel, convergence, "broken")
        yield check(
            "twice the budget changes little", share, _UNCONVERGED,
            f"change of robust accuracy <= {_UNCONVERGED}", otherwise="warn",
        )  # fmt: skip


def _sampled(panel: Panel, name: str) -> bool:
    """Say whether the probe ``name`` was made, and had the time for one of its survivors."""
    all_left_out = probed(panel, name, "rows") and not probed(panel, name, "sampled")
    constant = probed(panel, name, "constant")
    return bool(probed_rows(panel, name) and (constant or not all_left_out))


def _scaled_up(panel: Panel, name: str, key: str) -> float:
    """Return the share of all test rows that a count of sampled survivors stands for."""
    share = probed(panel, name, key) / max(probed(panel, name, "sampled"), 1.0)
    return share * probed(panel, name, "rows") / probed_rows(panel, name)
