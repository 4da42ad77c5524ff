"""Counts of the outcomes of a row of results, over all test rows and seeds."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel_robust.reports.words.decided import is_exact
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics import Estimate


@dataclass(frozen=True)
class Tally:
    """The outcomes of all predictions.

    ``answers``: the number of predictions. ``right``: those correct without an attack. Of these,
    ``broken`` were broken, and ``open`` are neither broken nor proved. ``proves``: whether there
    are proofs, so that the remaining ones are known to stay correct.
    """

    answers: int
    right: int
    broken: int
    open: int
    proves: bool

    @property
    def exact(self) -> bool:
        """Whether every correct prediction is either broken or proved."""
        return self.proves and not self.open

    @property
    def most(self) -> int:
        """The maximum number of correct predictions that can be broken."""
        return self.broken + self.open

    @property
    def accuracy(self) -> float:
        """The accuracy under attack, at most: a fraction of all predictions."""
        return (self.right - self.broken) / self.answers

    @property
    def share(self) -> float:
        """The fraction of correct predictions broken, at least; 0 if none is correct."""
        return self.broken / self.right if self.right else 0.0


def tally(row: Row) -> Tally | None:
    """Return the counts of ``row``, or None if it has no robust accuracy."""
    clean, upper = row.clean_accuracy, row.exact_robust_accuracy or row.robust_accuracy
    if clean is None or upper is None:
        return None
    answers = row.n_examples * row.n_seeds
    right, kept = round(clean.value * answers), round(upper.value * answers)
    lower = upper if is_exact(row) else row.certified_accuracy
    proved = 0 if lower is None else round(lower.value * answers)
    return Tally(answers, right, right - kept, kept - proved, lower is not None)


def claimable(row: Row) -> Estimate | None:
    """Return the accuracy that may be claimed under attack: exact or certified, or None."""
    if is_exact(row):
        return row.exact_robust_accuracy or row.robust_accuracy
    return row.certified_accuracy
