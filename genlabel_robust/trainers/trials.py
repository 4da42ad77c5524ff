"""What a search trains, and the table of scores that it fills."""

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


#: Trains each trial, many as one; returns its score on the fold that was left out.
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
        """Train the candidates of ``plans`` on ``folds``, as one."""
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
        """Return the ``kept`` candidates of ``alive`` whose mean over ``n_folds`` is highest.

        They keep their order. Of equals the first stays; NaN is the lowest of all.
        """
        means = np.array([np.mean(self._scores[plan][one][:n_folds]) for one in alive])
        means[np.isnan(means)] = -np.inf
        # a stable sort keeps the order of equals
        best = np.sort(np.argsort(-means, kind="stable")[:kept])
        return [alive[index] for index in best]

    def scores(self) -> list[Scores]:
        """Return each plan's candidates and their scores."""
        return [tuple(plan.items()) for plan in self._scores]


def full_search(
    plans: Sequence[Sequence[Candidate]], n_folds: int, measure: Measure
) -> list[Scores]:
    """Train every candidate of ``plans`` on every fold, as one."""
    table = ScoreTable(plans, n_folds)
    table.fill(plans, range(1, n_folds + 1), measure)
    return table.scores()
