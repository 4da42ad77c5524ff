"""Checks of the canaries: do the attacks break what is known to be breakable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import Check, at_least, at_most, evidence, percent

#: By canary: what it is, and the least share of what is breakable that must be broken.
_CANARIES: Mapping[str, tuple[str, float, Literal["warn", "fail"]]] = {
    "affine": ("an affine model", 0.99, "fail"),
    "forest": ("a small forest", 0.9, "fail"),
    "forest-by-labels": ("a small forest", 0.9, "fail"),
}


def checks_of_canaries(panel: Panel, canaries: Mapping[str, Any]) -> Iterator[Check]:
    """The attacks break what is known to be breakable, and return every success they meet.

    ``canaries``: the records of ``run_canary`` by name.
    """
    lost = evidence(panel, "lost")
    for name, record in canaries.items():
        what, least, otherwise = _CANARIES[name]
        lost += sum(found["lost"] for found in record["attacks"].values())
        share = record["broken"]
        sentence = f"No attack of the suite can work on {what} whose margins are known."
        if share is not None:
            sentence = (
                f"Together the attacks broke {percent(share)} of what can be broken on {what} "
                f"whose margins are known; at least {percent(least)} is needed."
            )
            sentence += "" if share >= least else " Attack with a stronger suite."
        yield at_least(f"canary-{name}", share or 0.0, least, sentence, otherwise=otherwise)
    watched = any("lost" in one for r in panel.results for one in r.evidence.values())
    where = "on the canary and on all rows" if watched else "on the canary"
    sentence = f"No attack lost an adversarial point that it met (watched {where})."
    if lost:
        sentence = (
            f"The attacks met adversarial points for {lost:.0f} examples and did not return them "
            f"(watched {where}); none may be lost."
        )
    yield at_most("lost-successes", lost, 0.0, sentence, otherwise="fail")
