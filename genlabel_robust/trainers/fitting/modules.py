"""Training of batch strategies on nets of any architecture as stacks, by ``torch.func``."""

from collections.abc import Hashable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.trainers.fitting.stacked import Streams
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Recipe, Work, learning_rate
from genlabel_robust.trainers.stacked.modules import StackedModules
from genlabel_robust.trainers.stacked.sgd import clip_norms
from genlabel_robust.trainers.stacked.stack import CHUNK, Group, stacked_optimizer
from genlabel_robust.trainers.stacked.stream import Stream, read


@dataclass(frozen=True, eq=False)
class _Fit:
    """One net of a stack: its start, its learning rate, and its streams; see ``StackedFit``."""

    net: nn.Module
    learning_rate: float
    parts: tuple[tuple[int, float], ...]


def fit_modules(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job; identical trainings are computed once.

    The nets equal those of ``fit_alone`` up to rounding: the draws and the steps are the same.
    """
    shared, _ = work[0]
    streams = Streams(shared)
    fits: dict[Hashable, _Fit] = {}
    keys = []
    for recipe, job in work:
        strategy = member(recipe.strategy, job.candidate)
        parts = streams.parts(job, strategy, seed=recipe.seed)
        key = (recipe.seed, job.fold, learning_rate(recipe, job), parts)
        if key not in fits:
            net = job.draw(recipe).train()
            fits[key] = _Fit(net, learning_rate(recipe, job), parts)
        keys.append(key)
    by_key = dict(zip(fits, _trained(list(fits.values()), streams.all, shared), strict=True))
    return [by_key[key] for key in keys]


def _trained(fits: Sequence[_Fit], streams: Sequence[Stream], recipe: Recipe) -> list[nn.Module]:
    """Return the trained net of each fit; fits on equally many rows read streams together."""
    config = recipe.config
    trained: dict[int, nn.Module] = {}
    by_length: dict[int, list[int]] = {}
    for index, fit in enumerate(fits):
        by_length.setdefault(len(streams[fit.parts[0][0]].x), []).append(index)
    for members in by_length.values():
        used = sorted({stream for index in members for stream, _ in fits[index].parts})
        chunks = [
            (some, _Chunk([fits[i] for i in some], used, recipe))
            for some in _chunks(members, fits, streams)
        ]
        blocks = read([streams[i] for i in used], config.epochs, config.batch_size, config.shuffle)
        for soft, steps in blocks:
            for _, chunk in chunks:
                chunk.train(soft, steps)
        for some, chunk in chunks:
            trained.update(zip(some, chunk.trained(), strict=True))
    return [trained[index] for index in range(len(fits))]


def _chunks(
    members: Sequence[int], fits: Sequence[_Fit], streams: Sequence[Stream]
) -> Iterator[list[int]]:
    """Yield the fits to compute at once, which see the same points."""
    by_source: dict[Hashable, list[int]] = {}
    for index in members:
        by_source.setdefault(streams[fits[index].parts[0][0]].source, []).append(index)
    for found in by_source.values():
        yield from (found[start : start + CHUNK] for start in range(0, len(found), CHUNK))


class _Chunk:
    """A few nets, their optimizer, and the streams that they read."""

    def __init__(self, fits: Sequence[_Fit], used: Sequence[int], recipe: Recipe) -> None:
        self._stack = StackedModules([deepcopy(fit.net) for fit in fits])
        rates = [fit.learning_rate for fit in fits]
        self._optimizer = stacked_optimizer(recipe.config, self._stack.flat, rates)
        self._clip_norm = recipe.config.clip_norm
        self._group = Group([fit.parts for fit in fits], used)
        self._shares = torch.from_numpy(self._group.shares(len(fits))).to(recipe.device)
        self._size = len(fits)

    def train(self, soft: Sequence[SoftBatch], steps: Sequence[slice]) -> None:
        """Train every net on its share of each batch in ``soft``; ``steps``: their slices."""
        x, k = self._group.points(soft), soft[0].target.shape[1]
        targets = (self._group.targets(soft) @ self._shares).view(len(x), k, self._size)
        weights = self._group.weights(soft)
        if weights is None:
            weights = torch.ones(len(x), self._size, device=x.device)
        for step in steps:
            weight = weights[step].T
            self._stack.differentiate(x[step], targets[step].permute(2, 0, 1), weight)
            if self._clip_norm is not None:
                clip_norms(self._stack.gradients, self._clip_norm)
            # a net whose rows all have weight 0 skips the step
            active = (weight.sum(dim=1) > 0).cpu().numpy()
            self._optimizer.step(self._stack.gradients, active)

    def trained(self) -> list[nn.Module]:
        """Return the nets, in eval mode."""
        return self._stack.trained()
