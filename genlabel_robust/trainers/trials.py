"""The trainings of a search, and the table of their scores."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.trainers.grid import Candidate

#: Each candidate and its score per fold (folds,), in the order tried; NaN where not trained.
Scores: TypeAlias = tuple[tuple[Candidate, FloatArray], ...]


@dataclass(frozen=True)
class Trial:
    """``candidate`` of the search number ``plan``, trained on all folds but ``fold`` (1, ...)."""

    plan: int
    candidate: Candidate
    fold: int


#: Trains all trials, many at once; returns the score of each on its held-out fold.
Measure: TypeAlias = Callable[[Sequence[Trial]], Sequence[float]]


class ScoreTable:
    """The score of each candidate of each plan on each fold, NaN where it was not trained."""

    def __init__(self, plans: Sequence[Sequence[Candidate]], n_folds: int) -> None:
        self._scores: list[dict[Candidate, FloatArray]] = [
            {candidate: np.full(n_folds, np.nan) for candidate in plan} for plan in plans
        ]

    def fill(
        self, plans: Sequence[Sequence[Candidate]], folds: Iterable[int], measure: Measure
    ) -> None:
        """Train the candidates of ``plans`` on ``folds``, all at once."""
        trials = [
            Trial(number, candidate, fold)
            for fold in folds
            for number, plan in enumerate(plans)
            for candidate in plan
        ]
        if trials:
            for trial, score in zip(trials, measure(trials), strict=True):
                self._scores[trial.plan][trial.candidate][trial.fold - 1] = score

    def best(
        self, plan: int, alive: Sequence[Candidate], n_folds: int, kept: int
    ) -> list[Candidate]:
        """Return the ``kept`` candidates of ``alive`` with the highest means over ``n_folds``.

        They keep their order. At ties the first stays; NaN ranks lowest.
        """
        means = np.array([np.mean(self._scores[plan][one][:n_folds]) for one in alive])
        means[np.isnan(means)] = -np.inf
        # a stable sort keeps the order at ties
        best = np.sort(np.argsort(-means, kind="stable")[:kept])
        return [alive[index] for index in best]

    def scores(self) -> list[Scores]:
        """Return each plan's candidates and their scores."""
        return [tuple(plan.items()) for plan in self._scores]


def full_search(
    plans: Sequence[Sequence[Candidate]], n_folds: int, measure: Measure
) -> list[Scores]:
    """Train every candidate of ``plans`` on every fold, all at once."""
    table = ScoreTable(plans, n_folds)
    table.fill(plans, range(1, n_folds + 1), measure)
    return table.scores()
