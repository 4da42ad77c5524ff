"""Training of jobs one after the other, for any architecture and loss."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from torch import Tensor, nn

from genlabel_robust.core import GenlabelRobustError, integer_seed
from genlabel_robust.strategies.strategy import BatchStrategy, LossStrategy, Strategy
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Job, Recipe, Work, learning_rate
from genlabel_robust.trainers.stacked.stream import rows_in_batches


def fit_alone(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job; one optimizer updates model and strategy."""
    return [_fit(recipe, job) for recipe, job in work]


def _fit(recipe: Recipe, job: Job) -> nn.Module:
    strategy, config = _fitted(recipe, job), recipe.config
    net = job.draw(recipe).train()
    own = strategy.parameters() if isinstance(strategy, LossStrategy) else []
    parameters = [*net.parameters(), *own]
    rate, decay = learning_rate(recipe, job), config.weight_decay
    optimiser: torch.optim.Optimizer
    if config.optimizer == "adam":
        optimiser = torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
    else:
        optimiser = torch.optim.SGD(parameters, rate, config.momentum, weight_decay=decay)
    mixing, order = job.rng(recipe, "mixing"), job.rng(recipe, "order")
    batches = rows_in_batches(job.x, job.y, config.epochs, config.batch_size, config.shuffle, order)
    with torch.random.fork_rng(devices=()):
        # layers that draw in training, such as dropout, depend on the seed too
        torch.default_generator.manual_seed(integer_seed(recipe.seed, "layers", job.fold))
        for x, y in batches:
            loss = _loss(strategy, net, x, y, mixing)
            if not loss.requires_grad:  # all rows of the batch have weight 0: skip the step
                continue
            # also clears the gradients that an attack step left behind
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if config.clip_norm is not None:
                nn.utils.clip_grad_norm_(net.parameters(), config.clip_norm)
            optimiser.step()
    return net.eval()


def _fitted(recipe: Recipe, job: Job) -> Strategy:
    """Return a copy of the job's strategy, fitted on the job's data."""
    strategy = member(recipe.strategy, job.candidate)
    if any(setting.name == "seed" for setting in fields(strategy)):
        seed = integer_seed(recipe.seed, "strategy", job.fold)
        strategy = replace(strategy, seed=seed)  # type: ignore[call-arg]
    return replace(strategy).fit(job.x, job.y, recipe.n_classes)


def _loss(
    strategy: Strategy, net: nn.Module, x: Tensor, y: Tensor, mixing: np.random.Generator
) -> Tensor:
    """Return the loss of ``net`` on rows ``x`` (b, d), ``y`` (b,), by soft batch or own loss."""
    if isinstance(strategy, BatchStrategy):
        soft = strategy(x, y, mixing)
        return soft.loss(net(soft.x))
    if not isinstance(strategy, LossStrategy):
        raise GenlabelRobustError(f"strategy {strategy.name!r} has neither soft batches nor a loss")
    return strategy.loss(net, x, y, mixing)
