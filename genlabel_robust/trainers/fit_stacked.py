"""Train the jobs of a batch strategy as one stack."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.models.architecture import Layer
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.strategy import BatchStrategy, Strategy
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.stack import StackedFit, train_stack
from genlabel_robust.trainers.stream import Stream


class Streams:
    """The streams of many jobs, each made once.

    GenLabel at γ is a share γ of its density's labels and a share 1-γ of mixup's,
    on the same mixed points: so jobs of all γ need only these two streams.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._indices: dict[tuple[int, int, str | None], int] = {}
        self.all: list[Stream] = []

    def parts(self, job: Job, strategy: Strategy, source: int = 0) -> tuple[tuple[int, float], ...]:
        """Return the (stream, share) pairs that ``job`` trains on.

        ``source`` tells apart strategies that differ in more than γ.
        """
        if not isinstance(strategy, BatchStrategy):
            raise GenlabelRobustError(f"strategy {strategy.name!r} makes no soft batches")
        if not isinstance(strategy, GenLabel):
            return ((self._index(job, strategy, None, source), 1.0),)
        gamma, parts = strategy.gamma, []
        if gamma > 0.0:
            index = self._index(job, replace(strategy, gamma=1.0), strategy.density_name, source)
            parts.append((index, gamma))
        if gamma < 1.0:
            index = self._index(job, replace(strategy, gamma=0.0), None, source)
            parts.append((index, 1.0 - gamma))
        return tuple(parts)

    def _index(self, job: Job, strategy: BatchStrategy, density: str | None, source: int) -> int:
        key = (job.fold, source, density)
        if key not in self._indices:
            self._indices[key] = len(self.all)
            fitted = copy(strategy).fit(job.x, job.y, self._recipe.n_classes)
            mixing, order = job.rng(self._recipe, "mixing"), job.rng(self._recipe, "order")
            self.all.append(Stream(job.x, job.y, fitted, mixing, order))
        return self._indices[key]


def learning_rate(recipe: Recipe, job: Job) -> float:
    """Return the job's learning rate, the architecture's default if it has none."""
    return job.candidate.learning_rate or recipe.architecture.learning_rate


def fit_stacked(recipe: Recipe, jobs: Sequence[Job]) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each job."""
    architecture, streams = recipe.architecture, Streams(recipe)
    fits = []
    for job in jobs:
        parts = streams.parts(job, member(recipe.strategy, job.candidate))
        rate = learning_rate(recipe, job)
        fits.append(StackedFit(job.initial(recipe, architecture), rate, parts))
    return train_stack(fits, streams.all, architecture.relu, recipe.config, recipe.device)
