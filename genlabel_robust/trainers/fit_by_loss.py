"""Train jobs one after the other by a strategy's own loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.seeds import integer_seed
from genlabel_robust.models.architecture import Layer
from genlabel_robust.strategies.strategy import LossStrategy
from genlabel_robust.trainers.fit_stacked import learning_rate
from genlabel_robust.trainers.job import Job, Recipe, Work
from genlabel_robust.trainers.stacked.stream import rows_in_batches


def fit_by_loss(work: Sequence[Work]) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each job: one optimizer for model and strategy."""
    return [_fit(recipe, job) for recipe, job in work]


def _fit(recipe: Recipe, job: Job) -> tuple[Layer, ...]:
    strategy, config = recipe.strategy, recipe.config
    if not isinstance(strategy, LossStrategy):
        raise GenlabelRobustError(f"strategy {strategy.name!r} has no loss of its own")
    if any(setting.name == "seed" for setting in fields(strategy)):
        seed = integer_seed(recipe.seed, "strategy", job.fold)
        strategy = replace(strategy, seed=seed)  # type: ignore[call-arg]
    strategy = replace(strategy).fit(job.x, job.y, recipe.n_classes)
    net = recipe.architecture.module(job.initial(recipe, recipe.architecture)).to(recipe.device)
    parameters = [*net.parameters(), *strategy.parameters()]
    rate, decay = learning_rate(recipe, job), config.weight_decay
    optimiser: torch.optim.Optimizer
    if config.optimizer == "adam":
        optimiser = torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
    else:
        optimiser = torch.optim.SGD(parameters, rate, config.momentum, weight_decay=decay)
    mixing, order = job.rng(recipe, "mixing"), job.rng(recipe, "order")
    batches = rows_in_batches(job.x, job.y, config.epochs, config.batch_size, config.shuffle, order)
    for x, y in batches:
        loss = strategy.loss(net, x, y, mixing)
        # also clears what an attack step left behind in the gradients
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if config.clip_norm is not None:
            nn.utils.clip_grad_norm_(net.parameters(), config.clip_norm)
        optimiser.step()
    return layers_of(net)


def layers_of(net: nn.Sequential) -> tuple[Layer, ...]:
    """Return the linear layers of ``net`` as arrays of their own."""
    return tuple(
        (
            np.ascontiguousarray(linear.weight.detach().cpu().numpy().T),
            linear.bias.detach().cpu().numpy().copy(),
        )
        for linear in net
        if isinstance(linear, nn.Linear)
    )
