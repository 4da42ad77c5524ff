"""Training of scikit-learn classifiers under strategies that need no gradients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from genlabel_robust.core import (
    DataError,
    Float32Array,
    FloatArray,
    IntArray,
    NotApplicableError,
    generator,
    integer_seed,
    one_thread,
)
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.strategy import BatchStrategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate, grid, member
from genlabel_robust.trainers.search import Score, check_classes, first_best, folds
from genlabel_robust.trainers.sklearn_estimator import sklearn_estimator
from genlabel_robust.trainers.trials import Scores, Trial, full_search

#: Rows with a smaller share of a class are left out: they would double the number of rows
#: without any effect on an estimator.
SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class TrainedSklearn:
    """A fitted classifier, its hyper-parameters and scores; as ``torch_trainer.Trained``."""

    estimator: Any
    chosen: Candidate
    scores: Scores = ()


@one_thread()
def train_sklearn(
    x: Float32Array,
    y: IntArray,
    n_classes: int,
    estimator: Any,
    strategy: str,
    settings: Mapping[str, Any] | None = None,
    config: TrainConfig | None = None,
    seed: int = 0,
    score: Score | None = None,
) -> TrainedSklearn:
    """Fit a clone of ``estimator`` (an instance or a name) on ``x`` (n, d), ``y`` (n,).

    A plain strategy is a plain fit; any other one fits on ``config.copies`` mixed
    copies of each row, unrolled into weighted hard labels. Every ``random_state``
    is set from ``seed``. ``score``: the measure that a search over density and γ maximises on
    held-out folds, called with estimator, x, y; None for accuracy. The search is always full.
    Raises ``NotApplicableError`` for a strategy that needs gradients or hidden layers, and
    for an estimator whose fit takes no ``sample_weight``; ``UnknownNameError``,
    ``ConfigurationError``, ``TooFewExamplesError``, ``DataError``.
    """
    config = config or TrainConfig()
    built = build(strategy, settings)
    unfitted = sklearn_estimator(estimator) if isinstance(estimator, str) else clone(estimator)
    if built.needs:
        raise NotApplicableError(
            f"strategy {strategy!r} needs {' and '.join(sorted(built.needs))}, which "
            f"{type(unfitted).__name__} does not have; use it on a torch architecture"
        )
    if not built.plain and weight_parameter(unfitted) is None:
        raise NotApplicableError(
            f"strategy {strategy!r} needs sample weights, which {type(unfitted).__name__} does "
            "not take in fit; use 'vanilla' or another classifier"
        )
    check_classes(y, n_classes)

    def fit(candidate: Candidate, rows: IntArray, fold: int) -> Any:
        fitted = clone(unfitted).set_params(**_random_states(unfitted, seed, fold))
        chosen = member(built, candidate)
        if not isinstance(chosen, BatchStrategy) or chosen.plain:
            return fitted.fit(x[rows], y[rows])
        chosen.fit(x[rows], y[rows], n_classes)
        rng = generator(seed, "mixing", fold)
        soft = unroll(x[rows], y[rows], n_classes, chosen, config.copies, config.batch_size, rng)
        return fitted.fit(soft.x, soft.y, **{str(weight_parameter(fitted)): soft.weight})

    candidates = grid(built, config, None, "gamma" in (settings or {}))
    scores: Scores = ()
    if len(candidates) > 1:
        parts = folds(y, n_classes, config.folds)
        measured = score or accuracy

        def measure(trials: Sequence[Trial]) -> list[float]:
            values = []
            for trial in trials:
                rows, held_out = parts[trial.fold - 1]
                fitted = fit(trial.candidate, rows, trial.fold)
                values.append(measured(fitted, x[held_out], y[held_out]))
            return values

        (scores,) = full_search([candidates], config.folds, measure)
    chosen = candidates[first_best([values for _, values in scores])] if scores else candidates[0]
    return TrainedSklearn(fit(chosen, np.arange(len(y)), 0), chosen, scores)


def accuracy(estimator: Any, x: Float32Array, y: IntArray) -> float:
    """Return the share of rows that ``estimator`` classifies correctly."""
    return float(np.mean(estimator.predict(x) == y))


def weight_parameter(estimator: Any) -> str | None:
    """Return the name under which ``fit`` takes sample weights, None if it takes none.

    For a pipeline it is that of its last step.
    """
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        return f"{name}__sample_weight" if has_fit_parameter(last, "sample_weight") else None
    return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None


def _random_states(estimator: Any, seed: int, fold: int) -> dict[str, int]:
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "random_state"]
    return {name: integer_seed(seed, "estimator", name, fold) for name in sorted(names)}


@dataclass(frozen=True, eq=False)
class WeightedRows:
    """Rows ``x`` (m, d), hard labels ``y`` (m,), and weights ``weight`` (m,) > 0."""

    x: Float32Array
    y: IntArray
    weight: FloatArray


def unroll(
    x: Float32Array,
    y: IntArray,
    n_classes: int,
    strategy: BatchStrategy,
    copies: int,
    batch_size: int,
    rng: np.random.Generator,
) -> WeightedRows:
    """Return every mixed point once per class, weighted by its share of that class.

    ``x``: (n, d), ``y``: (n,). ``strategy`` must be fitted. Each copy takes the rows in
    a new order and in batches of ``batch_size``, with one λ per batch. So the copies contain
    ``copies * ceil(n / batch_size)`` different λ, and pairs that the order of the
    data would never bring together. The weights of each copy sum to n if no row was
    dropped. Raises ``DataError`` if fewer than two classes remain.
    """
    points, targets = [], []
    rows, labels = torch.tensor(x), torch.tensor(y)
    for _ in range(copies):
        order = torch.from_numpy(rng.permutation(len(x)))
        for part in torch.split(order, batch_size):
            batch = strategy(rows[part], labels[part], rng)
            points.append(batch.x.numpy())
            targets.append((batch.target * batch.weight.unsqueeze(1)).numpy())
    mixed = np.concatenate(points)
    share = np.concatenate(targets).astype(np.float64)
    row, label = np.nonzero(share > SMALLEST_SHARE)
    if len(np.unique(label)) < 2 <= n_classes:
        raise DataError(
            f"strategy {strategy.name!r} left weight on {len(np.unique(label))} of {n_classes} "
            "classes; raise copies, or use another strategy"
        )
    return WeightedRows(mixed[row], label.astype(np.int64), share[row, label])
