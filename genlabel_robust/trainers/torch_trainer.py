"""Training of nets under strategies, with a search for hyper-parameters if requested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import ConfigurationError, Float32Array, IntArray, generator, one_thread
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import Layer, layers_of
from genlabel_robust.strategies.adversarial import AttackStep
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.strategy import Strategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fitting.fit import fit
from genlabel_robust.trainers.fitting.latent import latent_features
from genlabel_robust.trainers.grid import Candidate, grid
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.search import Score, check_classes, cross_validate, first_best
from genlabel_robust.trainers.short_search import search_of
from genlabel_robust.trainers.trials import Scores


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained net, its hyper-parameters, and the scores of the search.

    ``module``: (n, d) float32 -> logits (n, k), in eval mode. ``chosen``: its
    hyper-parameters. ``scores``: each candidate and its score per fold, (folds,), in the order
    tried, NaN where the search did not train it; empty without a search.
    """

    module: nn.Module
    chosen: Candidate
    scores: Scores = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The weight (in, out) and bias (out,) of each layer of a chain."""
        return layers_of(self.module)


@dataclass(frozen=True)
class Request:
    """A model to train: the name of a strategy, its settings, and the training seed."""

    strategy: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


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

    ``attack_step``: the attack of the strategy ``adversarial``. ``score``: the measure that the
    search maximises on held-out folds, called with module, x, y; None for accuracy. Raises
    ``UnknownNameError``, ``ConfigurationError``, ``TooFewExamplesError``,
    ``NotApplicableError``.
    """
    requests = [Request(strategy, settings or {}, seed)]
    return train_all(x, y, n_classes, architecture, requests, config, attack_step, score, device)[0]


@one_thread()
def train_all(
    x: Float32Array,
    y: IntArray,
    n_classes: int,
    architecture: Architecture,
    requests: Sequence[Request],
    config: TrainConfig | None = None,
    attack_step: AttackStep | None = None,
    score: Score | None = None,
    device: str = "cpu",
) -> list[Trained]:
    """Train every request as ``train`` would, with all of them and their searches in one stack."""
    config = config or TrainConfig()
    config = replace(config, search=search_of(config, architecture))
    plans = []
    for request in requests:
        strategy = _strategy(request, attack_step)
        if "latent" in strategy.needs:
            net = architecture.draw(x.shape[1], n_classes, generator(request.seed, "trial"))
            latent_features(architecture, net)
        recipe = Recipe(architecture, strategy, n_classes, config, request.seed, device)
        is_set = "gamma" in request.settings
        plans.append((recipe, grid(strategy, config, architecture.learning_rate, is_set)))
    check_classes(y, n_classes)
    searched = [plan for plan in plans if len(plan[1]) > 1]
    found = iter(cross_validate(searched, x, y, score or accuracy) if searched else ())
    scores: list[Scores] = [next(found) if plan in searched else () for plan in plans]
    chosen = [
        tried[first_best([values for _, values in tried])][0] if tried else candidates[0]
        for (_, candidates), tried in zip(plans, scores, strict=True)
    ]
    data = torch.tensor(x).to(device), torch.tensor(y).to(device)
    work = [(recipe, Job(*data, one)) for (recipe, _), one in zip(plans, chosen, strict=True)]
    return [
        Trained(_finite(module, job), job.candidate, tried)
        for (_, job), module, tried in zip(work, fit(work), scores, strict=True)
    ]


def accuracy(module: nn.Module, x: Float32Array, y: IntArray) -> float:
    """Return the share of rows that ``module`` classifies correctly."""
    device = next(module.parameters()).device
    with torch.no_grad():
        predicted = module(torch.tensor(x, device=device)).argmax(dim=1)
    return float(np.mean(predicted.cpu().numpy() == y))


def _strategy(request: Request, attack_step: AttackStep | None) -> Strategy:
    """Build the strategy of ``request``, with the attack step if it needs one."""
    built = build(request.strategy, request.settings)
    if not built.attacked:
        return built
    if attack_step is None:
        raise ConfigurationError(
            f"strategy {built.name!r} was given no attack to train against; give attack_step="
        )
    return replace(built, attack_step=attack_step)  # type: ignore[call-arg]


def _finite(module: nn.Module, job: Job) -> nn.Module:
    """Return ``module``, or raise an error if its scores are not finite."""
    with torch.no_grad():
        finite = bool(module(job.x).isfinite().all())
    if not finite:
        raise ConfigurationError(
            "the training diverged: the model's scores are not finite; lower the learning rate "
            f"(it was {job.candidate.learning_rate}), such as --set train.learning_rate=0.01"
        )
    return module
