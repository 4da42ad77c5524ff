"""What is to be trained: a recipe, and jobs that fill in data and hyper-parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from torch import Tensor

from genlabel_robust.core.seeds import generator
from genlabel_robust.models.architecture import Architecture, Layer
from genlabel_robust.strategies.genlabel_cv import GenLabelCV
from genlabel_robust.strategies.strategy import Strategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate


@dataclass(frozen=True, eq=False)
class Recipe:
    """What all jobs of one model share."""

    architecture: Architecture
    strategy: Strategy | GenLabelCV
    n_classes: int
    config: TrainConfig
    seed: int
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class Job:
    """One model to train: ``x`` (n, d) float32, ``y`` (n,) int64, and how.

    ``fold``: 0 for all of the training data, i for the i-th fold's part of it. Jobs
    of the same fold start from the same weights and see the same mixed points,
    whatever their hyper-parameters: a search compares those and nothing else.
    """

    x: Tensor
    y: Tensor
    candidate: Candidate
    fold: int = 0

    def rng(self, recipe: Recipe, purpose: str) -> np.random.Generator:
        """Return this fold's random stream for ``purpose``."""
        return generator(recipe.seed, purpose, self.fold)

    def initial(self, recipe: Recipe, architecture: Architecture) -> tuple[Layer, ...]:
        """Draw the initial layers of ``architecture`` on this job's features."""
        rng = self.rng(recipe, "initialisation")
        return architecture.initialise(self.x.shape[1], recipe.n_classes, rng)


#: A job and the recipe that it follows.
Work: TypeAlias = tuple[Recipe, Job]
#: Trains all of the work, whose recipes share all but strategy and seed.
Fit: TypeAlias = Callable[[Sequence[Work]], list[tuple[Layer, ...]]]
