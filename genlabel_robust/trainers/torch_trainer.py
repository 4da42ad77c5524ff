"""Train a net under a strategy, choosing its hyper-parameters where asked to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.arrays import Float32Array, FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.core.threads import one_thread
from genlabel_robust.models.architecture import Architecture, Layer
from genlabel_robust.strategies.adversarial import Adversarial, AttackStep
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.strategy import LossStrategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fit_by_loss import fit_by_loss
from genlabel_robust.trainers.fit_latent import fit_latent
from genlabel_robust.trainers.fit_stacked import fit_stacked
from genlabel_robust.trainers.grid import Candidate, grid
from genlabel_robust.trainers.job import Fit, Job, Recipe
from genlabel_robust.trainers.search import Score, check_classes, first_best, folds


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained net and how it came to be.

    ``layers``: weight (in, out) and bias (out,) of each; ``module``: (n, d) float32
    -> logits (n, k), in eval mode. ``chosen``: its hyper-parameters. ``scores``:
    each candidate and its score per fold, (folds,), in the order tried; empty
    where nothing was searched.
    """

    layers: tuple[Layer, ...]
    module: nn.Sequential
    chosen: Candidate
    scores: tuple[tuple[Candidate, FloatArray], ...] = ()


@one_thread()
def train(
    x: Float32Array,
    y: IntArray,
    n_classes: int,
    architecture: Architecture,
    strategy: str,
    settings: Mapping[str, Any] | None = None,
    config: TrainConfig | None = None,
    seed: int = 0,
    attack_step: AttackStep | None = None,
    score: Score | None = None,
    device: str = "cpu",
) -> Trained:
    """Train ``architecture`` on ``x`` (n, d) scaled features, ``y`` (n,), labels 0..k-1.

    ``attack_step``: what ``adversarial`` trains against. ``score``: what the search
    maximises on held-out folds, called with module, x, y; accuracy if None. Raises
    ``UnknownNameError``, ``ConfigurationError``, ``TooFewExamplesError``,
    ``NotApplicableError``.
    """
    config = config or TrainConfig()
    built = build(strategy, settings)
    if "latent" in built.needs and not architecture.widths:
        raise NotApplicableError(
            f"strategy {strategy!r} needs a hidden layer, which architecture "
            f"{architecture.name!r} does not have; use 'mlp' or 'linear3'"
        )
    if isinstance(built, Adversarial):
        if attack_step is None:
            raise ConfigurationError(
                f"strategy {strategy!r} was given no attack to train against; give attack_step="
            )
        built = replace(built, attack_step=attack_step)
    check_classes(y, n_classes)
    recipe = Recipe(architecture, built, n_classes, config, seed, device)
    fit: Fit = fit_stacked
    if isinstance(built, LossStrategy):
        fit = fit_by_loss
    elif "latent" in built.needs:
        fit = fit_latent

    candidates = grid(built, config, architecture.learning_rate, "gamma" in (settings or {}))
    scores: tuple[tuple[Candidate, FloatArray], ...] = ()
    chosen = candidates[0]
    if len(candidates) > 1:
        scores = _cross_validate(recipe, fit, candidates, x, y, score or accuracy)
        chosen = candidates[first_best([values for _, values in scores])]
    (layers,) = fit(recipe, [_job(recipe, x, y, chosen)])
    module = architecture.module(layers).to(device)
    with torch.no_grad():
        finite = bool(module(torch.tensor(x, device=device)).isfinite().all())
    if not finite:
        raise ConfigurationError(
            "the training diverged: the model's scores are not finite; lower the learning rate "
            f"(it was {chosen.learning_rate}), such as --set train.learning_rate=0.01"
        )
    return Trained(layers, module, chosen, scores)


def accuracy(module: nn.Module, x: Float32Array, y: IntArray) -> float:
    """Return the share of rows that ``module`` classifies correctly."""
    device = next(module.parameters()).device
    with torch.no_grad():
        predicted = module(torch.tensor(x, device=device)).argmax(dim=1)
    return float(np.mean(predicted.cpu().numpy() == y))


def _cross_validate(
    recipe: Recipe,
    fit: Fit,
    candidates: Sequence[Candidate],
    x: Float32Array,
    y: IntArray,
    score: Score,
) -> tuple[tuple[Candidate, FloatArray], ...]:
    jobs, held_out = [], []
    for number, (train_rows, held_out_rows) in enumerate(
        folds(y, recipe.n_classes, recipe.config.folds), start=1
    ):
        first = _job(recipe, x[train_rows], y[train_rows], candidates[0], number)
        jobs += [replace(first, candidate=candidate) for candidate in candidates]
        held_out += [held_out_rows] * len(candidates)
    values = [
        score(recipe.architecture.module(layers).to(recipe.device), x[rows], y[rows])
        for layers, rows in zip(fit(recipe, jobs), held_out, strict=True)
    ]
    by_candidate = np.array(values, dtype=np.float64).reshape(-1, len(candidates)).T
    return tuple(zip(candidates, by_candidate, strict=True))


def _job(recipe: Recipe, x: Float32Array, y: IntArray, candidate: Candidate, fold: int = 0) -> Job:
    device = recipe.device
    return Job(torch.tensor(x).to(device), torch.tensor(y).to(device), candidate, fold)
