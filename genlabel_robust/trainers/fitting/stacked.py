"""Training of batch strategies as one stack."""

from collections.abc import Hashable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from torch import nn

from genlabel_robust.core import GenlabelRobustError
from genlabel_robust.models.nets.chain import Layer
from genlabel_robust.strategies.mixing import MixingStrategy
from genlabel_robust.strategies.strategy import BatchStrategy, Strategy
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Job, Recipe, Work, chain_of, learning_rate
from genlabel_robust.trainers.stacked.stack import StackedFit, train_stack
from genlabel_robust.trainers.stacked.stream import Stream


class Streams:
    """The streams of many jobs, each created once.

    A strategy's targets are a convex combination of those of its ``parts``, on the same points.
    So jobs of GenLabel at all γ need only two streams.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._indices: dict[Hashable, int] = {}
        self._drawn: dict[Hashable, tuple[Job, np.random.Generator, np.random.Generator]] = {}
        self.all: list[Stream] = []

    def parts(
        self, job: Job, strategy: Strategy, source: int = 0, seed: int | None = None
    ) -> tuple[tuple[int, float], ...]:
        """Return the (stream, share) pairs that ``job`` trains on.

        ``source`` distinguishes strategies that differ in more than their settings;
        ``seed``: None for the recipe's.
        """
        recipe = self._recipe if seed is None else replace(self._recipe, seed=seed)
        if not isinstance(strategy, BatchStrategy):
            raise GenlabelRobustError(f"strategy {strategy.name!r} makes no soft batches")
        return tuple(
            (self._index(recipe, job, part, source), share) for part, share in strategy.parts()
        )

    def _index(self, recipe: Recipe, job: Job, strategy: BatchStrategy, source: int) -> int:
        # without shuffling, plain batches do not depend on the seed
        plain = strategy.plain and not recipe.config.shuffle
        points: Hashable = (None if plain else recipe.seed, job.fold, source)
        settings = tuple(getattr(strategy, name) for name in strategy.setting_names())
        key = (points, strategy.name, settings)
        if key not in self._indices:
            self._indices[key] = len(self.all)
            # all streams of the same points use one job's data and generators
            first, mixing, order = self._drawn.setdefault(
                (points, strategy.alpha) if isinstance(strategy, MixingStrategy) else key,
                (job, job.rng(recipe, "mixing"), job.rng(recipe, "order")),
            )
            fitted = copy(strategy).fit(first.x, first.y, recipe.n_classes)
            self.all.append(Stream(first.x, first.y, fitted, mixing, order))
        return self._indices[key]


def fit_stacked(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job; identical trainings are computed once."""
    shared, _ = work[0]
    chain = chain_of(shared)
    streams = Streams(shared)
    fits: dict[Hashable, StackedFit] = {}
    starts: dict[Hashable, tuple[Layer, ...]] = {}
    keys = []
    for recipe, job in work:
        strategy = member(recipe.strategy, job.candidate)
        parts = streams.parts(job, strategy, seed=recipe.seed)
        key = (recipe.seed, job.fold, learning_rate(recipe, job), parts)
        if key not in fits:
            start = recipe.seed, job.fold
            if start not in starts:
                starts[start] = job.initial(recipe, chain)
            fits[key] = StackedFit(starts[start], learning_rate(recipe, job), parts)
        keys.append(key)
    trained = train_stack(
        list(fits.values()), streams.all, chain.relu, shared.config, shared.device
    )
    modules = [chain.module(layers).to(shared.device) for layers in trained]
    by_key = dict(zip(fits, modules, strict=True))
    return [by_key[key] for key in keys]
