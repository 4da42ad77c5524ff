"""The common part of the checks that weaker attacks break no rows that stronger ones leave."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import BoolArray
from genlabel_robust.runs.checks.judging.check import Check, at_most, of
from genlabel_robust.runs.checks.judging.evidence import Evidence
from genlabel_robust.threat import within

#: The maximum fraction of examples that only a weaker kind of attack breaks.
_WEAKER_WINS = 0.002


def broken_by_weaker(
    check: str,
    evidence: Evidence,
    strong: tuple[str, Sequence[int]],
    weak: tuple[str, Sequence[int]],
) -> Check | None:
    """Return the ``check`` that ``weak`` attacks break nothing that ``strong`` ones leave.

    ``strong``, ``weak``: a name for the sentence, and the positions of the attacks. None if one of
    them has no attacks.
    """
    (stronger, strong_ones), (weaker, weak_ones) = strong, weak
    if not strong_ones or not weak_ones:
        return None
    panel, eps = evidence.panel, evidence.eps
    by_strong, by_weak = (
        within(panel.distances[:, which].min(axis=1), eps) for which in (strong_ones, weak_ones)
    )
    # rows that the stronger attack skipped, by early stop or time limit, do not count against it
    spared = (panel.outcomes[:, strong_ones] == Outcome.SKIPPED).any(axis=1)
    spared |= np.any([panel.out_of_time(i, eps) for i in strong_ones], axis=0)
    missed = by_weak & ~by_strong & ~spared & panel.clean
    return only_weaker_broke(check, missed, weaker, stronger)


def only_weaker_broke(check: str, missed: BoolArray, weaker: str, stronger: str) -> Check:
    """Return the ``check`` for the rows ``missed`` (S, n), which only the weaker kind broke."""
    sentence = f"{weaker} broke no row that {stronger} left unbroken."
    if missed.any():
        sentence = (
            f"{weaker} broke {of(missed.sum(), missed.size, 'answers')} that {stronger} left "
            "unbroken; at most 0.2 % is allowed."
        )
    return at_most(check, float(missed.mean()), _WEAKER_WINS, sentence, otherwise="warn")
