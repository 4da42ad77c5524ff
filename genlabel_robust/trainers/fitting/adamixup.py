"""Training of AdaMixup jobs as stacks, with or without their policies and discriminators."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core import GenlabelRobustError, integer_seed, one_thread
from genlabel_robust.models.nets.chain import Layer
from genlabel_robust.strategies import AdaMixup
from genlabel_robust.strategies.adamixup import draw_pairs, joint_loss, mixed_and_plain
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.job import Job, Recipe, Work, chain_of, learning_rate
from genlabel_robust.trainers.stacked.net import StackedNet
from genlabel_robust.trainers.stacked.sgd import clip_norms
from genlabel_robust.trainers.stacked.stack import stacked_optimizer
from genlabel_robust.trainers.stacked.stream import row_batches

#: Models computed at once: their policies, of 10,000 weights each, fit into the cache.
CHUNK = 20


@one_thread()
def fit_adamixup(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job, with the same loss as ``AdaMixup.loss``.

    Jobs on equally many rows are computed at once; those with the same seed and fold draw the
    same partners.
    """
    alike: dict[tuple[bool, int], list[int]] = {}
    for index, (recipe, job) in enumerate(work):
        alike.setdefault((_adamixup(recipe).trains_policy, len(job.x)), []).append(index)
    trained: dict[int, tuple[Layer, ...]] = {}
    chain = chain_of(work[0][0])
    for (trains_policy, _), members in alike.items():
        train = _train_together if trains_policy else _train_alone
        for start in range(0, len(members), CHUNK):
            some = members[start : start + CHUNK]
            trained.update(zip(some, train([work[i] for i in some]), strict=True))
    return [chain.module(trained[index]).to(work[0][0].device) for index in range(len(work))]


def _train_alone(work: Sequence[Work]) -> list[tuple[Layer, ...]]:
    """Train the models of jobs on equally many rows; their policies stay as drawn.

    The discriminator's terms do not depend on the model, so they are left out.
    """
    config, groups, group, net = _stack(work)
    rates = [learning_rate(recipe, job) for recipe, job in work]
    optimizer, active = stacked_optimizer(config, net.parameters, rates), np.ones(len(work), bool)
    batches = [_mixed(_fitted(recipe, job), _batches(recipe, job)) for recipe, job in groups]
    for batch in zip(*batches, strict=True):
        rows, wanted = (torch.stack(same)[group] for same in zip(*batch, strict=True))
        weight = wanted.sum(dim=2)
        net.differentiate(rows, wanted / weight.unsqueeze(2), weight)
        for gradient in net.gradients:  # gradients of a mean, but the loss is a sum of three
            gradient.mul_(3.0)
        if config.clip_norm is not None:
            clip_norms(net.gradients, config.clip_norm)
        optimizer.step(net.gradients, active)
    return [net.layers(index) for index in range(len(work))]


def _mixed(
    strategy: AdaMixup, batches: Iterator[tuple[Tensor, ...]]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the rows (2b, d) of each batch and their labels (2b, k), see ``mixed_and_plain``."""
    for x, target, x2, target2, e in batches:
        with torch.no_grad():
            ratio = strategy.ratio(x, x2, e[:, 0])
        yield mixed_and_plain(ratio, (x, x2), (target, target2))


def _stack(work: Sequence[Work]) -> tuple[TrainConfig, list[Work], Tensor, StackedNet]:
    """Return the shared config, one job per seed and fold, each job's index there, and the stack.

    Jobs with the same seed and fold see the same batches and have the same policy.
    """
    (shared, _) = work[0]
    groups = {(recipe.seed, job.fold): (recipe, job) for recipe, job in work}
    group = torch.tensor([list(groups).index((recipe.seed, job.fold)) for recipe, job in work])
    chain = chain_of(shared)
    initial = [job.initial(recipe, chain) for recipe, job in work]
    net = StackedNet(initial, chain.relu, shared.device)
    return shared.config, list(groups.values()), group, net


def _train_together(work: Sequence[Work]) -> list[tuple[Layer, ...]]:
    """Train models, policies and discriminators of jobs on equally many rows."""
    config, groups, group, net = _stack(work)
    own = [_policy_and_discriminator(recipe, job) for recipe, job in groups]
    parameters = [*net.parameters, *(torch.stack(same)[group] for same in zip(*own, strict=True))]
    # leaves share memory with the parameters, so autograd sees the optimizer's updates
    leaves = [parameter.detach().requires_grad_() for parameter in parameters]
    rates = [learning_rate(recipe, job) for recipe, job in work]
    optimizer, active = stacked_optimizer(config, parameters, rates), np.ones(len(work), dtype=bool)
    for batch in zip(*(_batches(*one) for one in groups), strict=True):
        parts = [torch.stack(same)[group] for same in zip(*batch, strict=True)]
        loss = _loss(leaves, len(net.parameters), net.relu, *parts)
        gradients = torch.autograd.grad(loss, leaves)
        if config.clip_norm is not None:
            clip_norms(gradients[: len(net.parameters)], config.clip_norm)
        optimizer.step(gradients, active)
    return [net.layers(index) for index in range(len(work))]


def _batches(recipe: Recipe, job: Job) -> Iterator[tuple[Tensor, ...]]:
    """Yield x (b, d), labels (b, k), both for the partners, and e (b, 1), drawn as in the loss."""
    mixing, order = job.rng(recipe, "mixing"), job.rng(recipe, "order")
    config, one_hot = recipe.config, functional.one_hot(job.y, recipe.n_classes).to(job.x.dtype)
    for rows in row_batches(job.x, config.epochs, config.batch_size, config.shuffle, order):
        order_of_partners, e = draw_pairs(len(rows), mixing)
        partner = rows[order_of_partners.to(rows.device)]
        yield job.x[rows], one_hot[rows], job.x[partner], one_hot[partner], e.to(job.x)


def _loss(
    leaves: Sequence[Tensor],
    n_own: int,
    relu: bool,
    x: Tensor,
    target: Tensor,
    x2: Tensor,
    target2: Tensor,
    e: Tensor,
) -> Tensor:
    """Return the sum of the S models' losses.

    ``leaves``: the models' ``n_own`` parameters, then those of policy and discriminator.
    """
    w1, b1, w2, b2, w3, b3, w, b = leaves[n_own:]
    # the policy has no activation between its layers, so they form one affine map
    last = w2 @ w3
    policy = torch.baddbmm(b1 @ last + b2 @ w3 + b3, torch.cat([x, x2], dim=2), w1 @ last)
    shares = torch.softmax(policy, dim=2)
    ratio = shares[..., :1] + e * shares[..., 1:2]
    rows, wanted = mixed_and_plain(ratio, (x, x2), (target, target2))
    z = rows
    for index in range(0, n_own, 2):
        z = torch.baddbmm(leaves[index + 1], z, leaves[index])
        z = z.clamp(min=0.0) if relu and index < n_own - 2 else z
    return joint_loss(z, torch.baddbmm(b, rows, w), wanted)


def _policy_and_discriminator(recipe: Recipe, job: Job) -> list[Tensor]:
    """Return the initial weights (in, out) and biases (1, out) of both, in order."""
    parameters = _fitted(recipe, job).own_parameters()
    return [p.detach().T if p.ndim == 2 else p.detach()[None] for p in parameters]


def _fitted(recipe: Recipe, job: Job) -> AdaMixup:
    """Return the job's AdaMixup with its initial policy and discriminator."""
    seed = integer_seed(recipe.seed, "strategy", job.fold)
    return replace(_adamixup(recipe), seed=seed).fit(job.x, job.y, recipe.n_classes)


def _adamixup(recipe: Recipe) -> AdaMixup:
    if not isinstance(recipe.strategy, AdaMixup):
        raise GenlabelRobustError(f"strategy {recipe.strategy.name!r} is not AdaMixup")
    return recipe.strategy
