"""Why a cell is far from the published one: the noise of five trials, or another choice.

Nothing is changed for it: further trials say how far two means of five trials may lie
apart, and models of every learning rate say what other choices would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from genlabel_robust.data.task import Task
from genlabel_robust.models.model import TorchModel
from genlabel_robust.paper.protocol import ARCHITECTURE, CONFIG, TRIALS, model, train_table
from genlabel_robust.paper.table import FAR, percent, points
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.fit import fit
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.search import Score
from genlabel_robust.trainers.torch_trainer import Trained

#: Further trials of a cell that is far off.
MORE = 20
#: Standard errors up to which a difference is called noise.
_NOISE = 2.0

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
    and ``measure`` is exact, the row holds ``exact_trials`` too, and the mean by which the
    attack lies above them is taken to be that of further trials and other rates as well.
    """
    far = [row for row in rows if abs(row["difference"] or 0.0) > FAR]
    if not far:
        return
    further = range(seeds.stop, seeds.stop + MORE)
    more = train_table(task, [row["strategy"] for row in far], further, score)
    for row in far:
        strategy = row["strategy"]
        known = row.get("exact_trials", row["trials"])
        above = float(np.mean(row["trials"]) - np.mean(known))
        values = known + [measure(model(task, one)) for one in more[strategy]]
        mean, deviation = float(np.mean(values)) + above, float(np.std(values, ddof=1))
        # of the difference of two means: the published one of five trials, and this one
        error = deviation * np.sqrt(1 / TRIALS + 1 / len(values))
        row["deviation"] = {
            "n_trials": len(values),
            "mean": mean,
            "attack_above_exact": above,
            "standard_deviation": deviation,
            # not by the deviation: that of equal values is not always 0 in floats
            "standard_errors": (
                float((row["published"] - mean) / error) if min(values) < max(values) else None
            ),
            "by_rate": _by_rate(task, strategy, trained[strategy], seeds, measure, above),
        }


def _by_rate(
    task: Task,
    strategy: str,
    trained: Sequence[Trained],
    seeds: range,
    measure: Measure,
    above: float,
) -> list[dict[str, float | None]]:
    """Return what each learning rate gives on the folds and, with ``above``, on the test rows.

    With the density and γ that are best on the folds, mean over ``seeds``.
    """
    candidates = [candidate for candidate, _ in trained[0].scores]
    on_folds = np.mean([[scores.mean() for _, scores in one.scores] for one in trained], axis=0)
    best: dict[float | None, int] = {}
    for index, candidate in enumerate(candidates):
        known = best.setdefault(candidate.learning_rate, index)
        if on_folds[index] > on_folds[known]:
            best[candidate.learning_rate] = index
    x, y = torch.tensor(task.scaling.apply(task.x_train)), torch.tensor(task.y_train)
    recipes = [
        Recipe(ARCHITECTURE, build(strategy), task.n_classes, CONFIG, seed) for seed in seeds
    ]
    layers = iter(fit([(one, Job(x, y, candidates[i])) for i in best.values() for one in recipes]))
    found: list[dict[str, float | None]] = []
    for rate, index in best.items():
        modules = [ARCHITECTURE.module(next(layers)) for _ in seeds]
        models = [TorchModel(module, task.scaling, task.n_classes) for module in modules]
        found.append(
            {
                "learning_rate": rate,
                "gamma": candidates[index].gamma,
                "measured": float(np.mean([measure(one) for one in models])) + above,
                "on_folds": float(on_folds[index]),
            }
        )
    return found


def far_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a paragraph about each cell that is far off."""
    for row in rows:
        if row.get("deviation"):
            yield f"- **{row['dataset']}, {row['strategy']}**: {_reason(row)}"


def _reason(row: Mapping[str, Any]) -> str:
    found, n = row["deviation"], row["n_examples"]
    decisions = round(abs(row["difference"]) * n * TRIALS)
    text = (
        f"published {percent(row['published'])}, here {percent(row['measured'])} "
        f"({points(row['difference'])}; {decisions} of the {n * TRIALS} decisions of five trials "
        f"on {n} rows). {found['n_trials']} trials give {percent(found['mean'])} with a standard "
        f"deviation of {100 * found['standard_deviation']:.1f} points"
    )
    if "exact_trials" in row:
        text += (
            f" (exact values, and {100 * found['attack_above_exact']:.2f} points more, by which "
            "the attack overestimates here)"
        )
    errors, rates = found["standard_errors"], found["by_rate"]
    if errors is not None and abs(errors) <= _NOISE:
        return (
            f"{text}, so that the published mean of five is {abs(errors):.1f} standard errors "
            "away: noise of initialisation, mixing and choice."
        )
    values = [entry["measured"] for entry in rates]
    listed = ", ".join(
        f"{entry['learning_rate']:g}: {percent(entry['measured'])} ({percent(entry['on_folds'])})"
        for entry in rates
    )
    if min(values) <= row["published"] <= max(values):
        lies = "the published value lies between them, as if other rates had been chosen at times"
    else:
        lies = "none of them gives the published value"
    away = "which never varies" if errors is None else f"{abs(errors):.1f} standard errors away"
    return (
        f"{text}, {away}: more than noise. By learning rate (and on the folds) it is "
        f"{listed}; {lies}."
    )
