"""Why a cell is far from the published one: the noise of five trials, or another choice.

Nothing is changed for it: further trials say how far two means of five trials may lie
apart, and models of every learning rate say what other choices would have given.
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

#: Further trials of a cell that is far off.
MORE = 20

#: What a table says of a model, measured on the test rows.
Measure: TypeAlias = Callable[[TorchModel], float]


def explain(
    task: Task,
    rows: Sequence[dict[str, Any]],
    trained: Mapping[str, Sequence[Trained]],
    seeds: range,
    measure: Measure,
    score: Score | None = None,
) -> None:
    """Give each row that is far off a ``deviation``.

    ``rows``: the cells of ``task``; ``trained``: their models, of ``seeds``; ``score``:
    what the hyper-parameters were chosen by. Where a row's trials are those of an attack
    and ``measure`` is exact, the row holds ``exact_trials`` too; what the attack adds to
    them on average is added to further trials and other rates as well, and its spread is
    part of every error: see ``spread``.
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
    """Return the mean of ``values`` and ``shifts`` as ``name``, and how far off it is.

    ``standard_errors``: of the published mean from it; ``noise_up_to``: how many of these
    chance reaches. None where the spread is not known.
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
    """Return each learning rate, what it gives on the folds, and what it measures per seed.

    With the density and γ that are best on the folds.
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
