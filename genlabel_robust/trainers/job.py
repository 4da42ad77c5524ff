"""What is to be trained: a recipe, and jobs that fill in data and hyper-parameters."""

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
    """What all jobs of one model share."""

    architecture: Architecture
    strategy: Strategy
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

    def initial(self, recipe: Recipe, chain: Chain) -> tuple[Layer, ...]:
        """Draw the initial layers of ``chain`` on this job's features."""
        rng = self.rng(recipe, "initialisation")
        return chain.initialise(self.x.shape[1], recipe.n_classes, rng)

    def draw(self, recipe: Recipe) -> nn.Module:
        """Draw the initial net of the recipe on this job's features."""
        rng = self.rng(recipe, "initialisation")
        net = recipe.architecture.draw(self.x.shape[1], recipe.n_classes, rng)
        return net.to(recipe.device)


def learning_rate(recipe: Recipe, job: Job) -> float:
    """Return the job's learning rate, the architecture's default if it has none."""
    return job.candidate.learning_rate or recipe.architecture.learning_rate


def chain_of(recipe: Recipe) -> Chain:
    """Return the architecture of ``recipe``, whose models can be trained as one stack."""
    if not isinstance(recipe.architecture, Chain):
        raise GenlabelRobustError(f"architecture {recipe.architecture.name!r} is no chain")
    return recipe.architecture


#: A job and the recipe that it follows.
Work: TypeAlias = tuple[Recipe, Job]
#: Trains all of the work, whose recipes share all but strategy and seed: to modules in eval mode.
Fit: TypeAlias = Callable[[Sequence[Work]], list[nn.Module]]
