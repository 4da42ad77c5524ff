"""What becomes of the right answers of a row of results: counts, over all test rows and seeds."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel_robust.reports.words.decided import is_exact
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics import Estimate


@dataclass(frozen=True)
class Tally:
    """``right`` of the ``answers`` are right to begin with, of which ``broken`` are turned.

    ``open``: right ones that nothing broke and nothing proves; ``exact``: there are none of them.
    ``proves``: whether anything is proved, so that the others are known to stay right.
    """

    answers: int
    right: int
    broken: int
    open: int
    proves: bool

    @property
    def exact(self) -> bool:
        """Whether it is known of every right answer if it can be turned."""
        return self.proves and not self.open

    @property
    def most(self) -> int:
        """How many right answers can be turned at most."""
        return self.broken + self.open

    @property
    def accuracy(self) -> float:
        """The share of all answers that is right under attack, at most."""
        return (self.right - self.broken) / self.answers

    @property
    def share(self) -> float:
        """The share of the right answers that is turned, at least; 0 where none is right."""
        return self.broken / self.right if self.right else 0.0


def tally(row: Row) -> Tally | None:
    """Return the counts of ``row``, None where it has no robust accuracy."""
    clean, upper = row.clean_accuracy, row.exact_robust_accuracy or row.robust_accuracy
    if clean is None or upper is None:
        return None
    answers = row.n_examples * row.n_seeds
    right, kept = round(clean.value * answers), round(upper.value * answers)
    lower = upper if is_exact(row) else row.certified_accuracy
    proved = 0 if lower is None else round(lower.value * answers)
    return Tally(answers, right, right - kept, kept - proved, lower is not None)


def claimable(row: Row) -> Estimate | None:
    """Return the accuracy that may be claimed under attack: exact, or proved; None if neither."""
    if is_exact(row):
        return row.exact_robust_accuracy or row.robust_accuracy
    return row.certified_accuracy
