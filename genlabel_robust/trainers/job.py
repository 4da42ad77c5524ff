"""Training jobs: a recipe, with data and hyper-parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from torch import Tensor, nn

from genlabel_robust.core import GenlabelRobustError, generator
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import Chain, Layer
from genlabel_robust.strategies.strategy import Strategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate


@dataclass(frozen=True, eq=False)
class Recipe:
    """The settings that all jobs of one model share."""

    architecture: Architecture
    strategy: Strategy
    n_classes: int
    config: TrainConfig
    seed: int
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class Job:
    """One model to train: rows ``x`` (n, d) float32, labels ``y`` (n,) int64, hyper-parameters.

    ``fold``: 0 for all of the training data, i for the i-th fold's training part. Jobs
    of the same fold start from the same weights and see the same mixed points,
    whatever their hyper-parameters, so that a search compares only those.
    """

    x: Tensor
    y: Tensor
    candidate: Candidate
    fold: int = 0

    def rng(self, recipe: Recipe, purpose: str) -> np.random.Generator:
        """Return this fold's random stream for ``purpose``."""
        return generator(recipe.seed, purpose, self.fold)

    def initial(self, recipe: Recipe, chain: Chain) -> tuple[Layer, ...]:
        """Draw the initial layers of ``chain`` for the number of features of this job."""
        rng = self.rng(recipe, "initialisation")
        return chain.initialise(self.x.shape[1], recipe.n_classes, rng)

    def draw(self, recipe: Recipe) -> nn.Module:
        """Draw the initial net of the recipe for the number of features of this job."""
        rng = self.rng(recipe, "initialisation")
        net = recipe.architecture.draw(self.x.shape[1], recipe.n_classes, rng)
        return net.to(recipe.device)


def learning_rate(recipe: Recipe, job: Job) -> float:
    """Return the job's learning rate, or the architecture's default if it has none."""
    return job.candidate.learning_rate or recipe.architecture.learning_rate


def chain_of(recipe: Recipe) -> Chain:
    """Return the architecture of ``recipe``, which must be a chain, so that it can be stacked."""
    if not isinstance(recipe.architecture, Chain):
        raise GenlabelRobustError(f"architecture {recipe.architecture.name!r} is no chain")
    return recipe.architecture


#: A job and its recipe.
Work: TypeAlias = tuple[Recipe, Job]
#: Trains all jobs, whose recipes share all but strategy and seed; returns modules in eval mode.
Fit: TypeAlias = Callable[[Sequence[Work]], list[nn.Module]]
