"""Explanation of cells that are far from the published ones: noise, or another choice.

The cells do not change. Further trials show how far two means of five trials can lie apart, and
models with every learning rate show what other choices would have given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Task
from genlabel_robust.models import TorchModel
from genlabel_robust.paper.protocol import ARCHITECTURE, CONFIG, SETTINGS, model, train_table
from genlabel_robust.paper.tables.noise import spread
from genlabel_robust.paper.tables.table import FAR, standard_error
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.fitting.fit import fit
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.search import Score
from genlabel_robust.trainers.torch_trainer import Trained

#: The number of further trials for a cell that is far off.
MORE = 20

#: Computes a table's value for a model on the test rows.
Measure: TypeAlias = Callable[[TorchModel], float]


def explain(
    task: Task,
    rows: Sequence[dict[str, Any]],
    trained: Mapping[str, Sequence[Trained]],
    seeds: range,
    measure: Measure,
    score: Score | None = None,
) -> None:
    """Add a ``deviation`` to each row that is far off.

    ``rows``: the cells of ``task``. ``trained``: strategy -> models, one for each of ``seeds``.
    ``score``: chose the hyper-parameters. If a row's trials come from an attack and ``measure`` is
    exact, the row also has ``exact_trials``. The mean difference, attack minus exact, is then
    added to further trials and other learning rates, and its variance to every standard error:
    see ``spread``.
    """
    far = [row for row in rows if abs(row["difference"] or 0.0) > FAR]
    if not far:
        return
    further = range(seeds.stop, seeds.stop + MORE)
    more = train_table(task, [row["strategy"] for row in far], further, score)
    for row in far:
        strategy, known, shifts = row["strategy"], row["trials"], None
        if "exact_trials" in row:
            known = row["exact_trials"]
            shifts = np.array(row["trials"]) - np.array(known)
        values = [*known, *(measure(model(task, one)) for one in more[strategy])]
        row["deviation"] = {
            "n_trials": len(values),
            "standard_deviation": float(np.std(values, ddof=1)),
            "attack_above_exact": 0.0 if shifts is None else float(shifts.mean()),
            "attack_above_exact_error": None if shifts is None else standard_error(shifts),
            **_against(row["published"], np.array(values), shifts, "mean"),
            "by_rate": [
                about | _against(row["published"], found, shifts, "measured")
                for about, found in _by_rate(task, strategy, trained[strategy], seeds, measure)
            ],
        }


def _against(
    published: float, values: FloatArray, shifts: FloatArray | None, name: str
) -> dict[str, float | None]:
    """Return the mean, as ``name``, and its distance from the published mean.

    The mean is that of ``values`` plus that of ``shifts``. ``standard_errors``: the distance in
    standard errors; ``noise_up_to``: the largest distance by chance. Both are None if the spread is
    unknown.
    """
    mean = float(values.mean() + (0.0 if shifts is None else shifts.mean()))
    found = spread(values, shifts)
    return {
        name: mean,
        "standard_errors": None if found is None else (published - mean) / found.error,
        "noise_up_to": None if found is None else found.reach,
    }


def _by_rate(
    task: Task,
    strategy: str,
    trained: Sequence[Trained],
    seeds: range,
    measure: Measure,
) -> list[tuple[dict[str, float | None], FloatArray]]:
    """Return each learning rate with its score on the folds, and the test values for each seed.

    Density and γ are those with the best score on the folds for that learning rate.
    """
    candidates = [candidate for candidate, _ in trained[0].scores]
    on_folds = np.mean([[scores.mean() for _, scores in one.scores] for one in trained], axis=0)
    best: dict[float | None, int] = {}
    for index, candidate in enumerate(candidates):
        known = best.setdefault(candidate.learning_rate, index)
        if on_folds[index] > on_folds[known]:
            best[candidate.learning_rate] = index
    x, y = torch.tensor(task.scaling.apply(task.x_train)), torch.tensor(task.y_train)
    built = build(strategy, SETTINGS.get(strategy))
    recipes = [Recipe(ARCHITECTURE, built, task.n_classes, CONFIG, seed) for seed in seeds]
    modules = iter(fit([(one, Job(x, y, candidates[i])) for i in best.values() for one in recipes]))
    found = []
    for rate, index in best.items():
        models = [TorchModel(next(modules), task.scaling, task.n_classes) for _ in seeds]
        about: dict[str, float | None] = {
            "learning_rate": rate,
            "gamma": candidates[index].gamma,
            "on_folds": float(on_folds[index]),
        }
        found.append((about, np.array([measure(one) for one in models])))
    return found
