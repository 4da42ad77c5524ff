"""Checks of the attacks: could they work, and did the stronger ones do better."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.check import Check, at_least, at_most, evidence, of, percent
from genlabel_robust.threat.threat_model import within

#: Largest tolerated share of examples that only a weaker kind of attack breaks.
_WEAKER_WINS = 0.002
#: Share of useless gradients that is worth a warning.
_USELESS_GRADIENTS = 0.01


def checks_of_attacks(panel: Panel, eps: float) -> Iterator[Check]:
    """Yield the checks of the attacks at ``eps``."""
    yield _finished(panel, eps)
    yield _starts(panel)
    yield _gradients_used(panel, eps)
    yield from _weaker_wins(panel, eps)
    yield from _gradients(panel)


def _finished(panel: Panel, eps: float) -> Check:
    """What an attack had no time for says nothing about robustness."""
    able = [i for i in range(len(panel.attacks)) if panel.applicable(i)]
    late = np.array([panel.out_of_time(i, eps) for i in able])
    if panel.lower is not None:  # what is decided needs no attack
        late &= panel.undecided(eps)
    sentence = "No attack left out an example for want of time."
    if late.any():
        sentence = (
            f"The attacks left out {of(late.sum(), late.size, 'attempts')} for want of time "
            "(max_seconds), which say nothing about robustness; none is allowed."
        )
    return at_most("time", float(late.mean()), 0.0, sentence, otherwise="fail")


def _starts(panel: Panel) -> Check:
    """An attack without a starting point says nothing about robustness."""
    lacking = panel.outcomes == Outcome.NO_START
    sentence = "Every attack that needs a starting point found one for every example."
    if lacking.any():
        sentence = (
            f"The attacks found no starting point in {of(lacking.sum(), lacking.size, 'attempts')}"
            ", which say nothing about robustness; none is allowed."
        )
    return at_most("starting-points", float(lacking.mean()), 0.0, sentence, otherwise="warn")


def _gradients_used(panel: Panel, eps: float) -> Check:
    """Attacks that see less leave more to be found: their figure is a loose upper bound."""
    ran = sum(
        needs == "gradients" and panel.applicable(index) for index, needs in enumerate(panel.needs)
    )
    sentence = f"{ran} of {len(panel.attacks)} attacks ran with gradients."
    if panel.exact_at(eps):
        if not ran:
            sentence = "No attack with gradients ran, and none was needed: every answer is decided."
        return at_least("white-box", ran, 0, sentence, otherwise="warn")
    if not ran:
        certified = panel.certified(eps)
        sentence = "No attack with gradients ran: the true robust accuracy may be far lower."
        if certified is not None:
            sentence = (
                "No attack with gradients ran: the true robust accuracy may be as low as the "
                f"{percent(certified.mean())} that are proved."
            )
    return at_least("white-box", ran, 1, sentence, otherwise="warn")


def _weaker_wins(panel: Panel, eps: float) -> Iterator[Check]:
    """Gradients break what decisions break, many steps what one does, a search what luck does."""
    able = [i for i in range(len(panel.attacks)) if panel.applicable(i)]
    white = [i for i in able if panel.needs[i] == "gradients"]
    black = [i for i in able if panel.needs[i] != "gradients"]
    many = [i for i in white if panel.attacks[i] == "pgd"]
    one = [i for i in white if panel.attacks[i] == "fgsm"]
    luck = [i for i in able if panel.attacks[i] == "noise"]
    search = [i for i in able if i not in luck]
    for name, strong, weak, stronger, weaker in (
        (
            "white-box-against-black-box",
            white,
            black,
            "attacks with gradients",
            "Attacks without gradients",
        ),
        ("pgd-against-fgsm", many, one, "PGD", "FGSM"),
        ("search-against-noise", search, luck, "the attacks that search", "Random points"),
    ):
        if strong and weak:
            by_strong, by_weak = (
                within(panel.distances[:, which].min(axis=1), eps) for which in (strong, weak)
            )
            # what early stop or the clock spared the stronger attack says nothing against it
            spared = (panel.outcomes[:, strong] == Outcome.SKIPPED).any(axis=1)
            spared |= np.any([panel.out_of_time(i, eps) for i in strong], axis=0)
            missed = by_weak & ~by_strong & ~spared & panel.clean
            sentence = f"{weaker} broke no row that {stronger} left unbroken."
            if missed.any():
                sentence = (
                    f"{weaker} broke {of(missed.sum(), missed.size, 'answers')} that {stronger} "
                    "left unbroken; at most 0.2 % is allowed."
                )
            yield at_most(name, float(missed.mean()), _WEAKER_WINS, sentence, otherwise="warn")


def _gradients(panel: Panel) -> Iterator[Check]:
    """Gradients that are zero, NaN or infinite attack nothing."""
    total = evidence(panel, "gradients")
    if total:
        useless = evidence(panel, "zero_gradients") + evidence(panel, "nonfinite_gradients")
        sentence = f"None of {total:.0f} gradients was zero or not finite."
        if useless:
            sentence = (
                f"{of(useless, total, 'gradients')} pointed nowhere: they were zero, NaN or "
                "infinite; at most 1 % is allowed."
            )
        yield at_most("gradients", useless / total, _USELESS_GRADIENTS, sentence, otherwise="warn")
