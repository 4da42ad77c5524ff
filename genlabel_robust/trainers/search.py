"""Cross-validation, to find the best point of the grid."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from sklearn.model_selection import KFold

from genlabel_robust.core import (
    ConfigurationError,
    Float32Array,
    FloatArray,
    IntArray,
    TooFewExamplesError,
)
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fitting.fit import fit
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.short_search import short_search
from genlabel_robust.trainers.trials import Measure, Scores, Trial, full_search

#: Maps a trained model, held-out x (m, d) and y (m,) to a score; larger is better.
Score: TypeAlias = Callable[[Any, Float32Array, IntArray], float]


def check_classes(y: IntArray, n_classes: int, where: str = "the training data") -> None:
    """Raise ``TooFewExamplesError`` unless every class has at least two rows in ``y`` (n,)."""
    for label, count in enumerate(np.bincount(y, minlength=n_classes).tolist()):
        if count < 2:
            raise TooFewExamplesError(
                f"class {label} has {count} example{'s' * (count != 1)} in {where}; at least two "
                "are needed: add examples, leave the class out, or change the split"
            )


def folds(y: IntArray, n_classes: int, n_folds: int) -> list[tuple[IntArray, IntArray]]:
    """Return (training rows, held-out rows) of each fold, in the order of the data.

    Raises ``ConfigurationError`` if there are fewer rows than folds, and
    ``TooFewExamplesError`` if a training part has fewer than two examples of a class.
    """
    if len(y) < n_folds:
        raise ConfigurationError(
            f"folds is {n_folds} but there are {len(y)} training rows; use at most one per row"
        )
    parts = []
    for number, (train, held_out) in enumerate(KFold(n_folds).split(y), start=1):
        where = (
            f"the training part of fold {number} of {n_folds} (folds follow the order of the "
            "rows: a table sorted by class needs to be shuffled by its split)"
        )
        check_classes(y[train], n_classes, where)
        parts.append((np.asarray(train, np.int64), np.asarray(held_out, np.int64)))
    return parts


def first_best(scores: Sequence[FloatArray]) -> int:
    """Return the index of the highest mean score; the first among equals wins.

    ``scores``: for each candidate (folds,). A NaN mean never wins. Raises
    ``ConfigurationError`` if every mean is NaN.
    """
    means = np.array([np.mean(score) for score in scores])
    if np.isnan(means).all():
        raise ConfigurationError(
            "every candidate of the cross-validation scored NaN; check the score function and "
            "the learning rates"
        )
    return int(np.nanargmax(means))


def search(
    plans: Sequence[Sequence[Candidate]], config: TrainConfig, measure: Measure
) -> list[Scores]:
    """Return the scores of each plan's candidates, by the kind of search in ``config``."""
    by_name = {"full": full_search, "short": short_search}
    return by_name[config.search](plans, config.folds, measure)


def cross_validate(
    plans: Sequence[tuple[Recipe, tuple[Candidate, ...]]],
    x: Float32Array,
    y: IntArray,
    score: Score,
) -> list[Scores]:
    """Train and score the candidates of every plan on the folds, many at once.

    ``x``: (n, d), ``y``: (n,). The recipes of the plans share all but strategy and seed.
    """
    shared, _ = plans[0]
    parts = folds(y, shared.n_classes, shared.config.folds)
    data = [
        (torch.tensor(x[kept]).to(shared.device), torch.tensor(y[kept]).to(shared.device))
        for kept, _ in parts
    ]

    def measure(trials: Sequence[Trial]) -> list[float]:
        modules = fit(
            [
                (plans[trial.plan][0], Job(*data[trial.fold - 1], trial.candidate, trial.fold))
                for trial in trials
            ]
        )
        # strategies that coincide for some hyper-parameters share models, which are scored once
        known: dict[int, float] = {}
        for module, trial in zip(modules, trials, strict=True):
            if id(module) not in known:
                _, rows = parts[trial.fold - 1]
                known[id(module)] = score(module, x[rows], y[rows])
        return [known[id(module)] for module in modules]

    return search([candidates for _, candidates in plans], shared.config, measure)
