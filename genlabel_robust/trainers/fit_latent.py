"""Train the jobs of a latent strategy: the whole net plainly, then its last layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError
from genlabel_robust.models.architecture import Architecture, Layer
from genlabel_robust.strategies.genlabel_latent import LatentGenLabel
from genlabel_robust.strategies.vanilla import Vanilla
from genlabel_robust.trainers.fit_stacked import Streams, fit_stacked, learning_rate
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Job, Recipe, Work
from genlabel_robust.trainers.stacked.stack import StackedFit, train_stack

_LAST_LAYER = Architecture("last layer", (), relu=False, learning_rate=0.01)


def fit_latent(work: Sequence[Work]) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each job.

    The warm-up trains plainly; then the body is frozen, the densities are fitted on
    its features, and a fresh last layer is trained on the features of mixed inputs.
    Jobs that differ only in γ share the warm-up. Raises ``ConfigurationError`` if
    there are too few epochs for both stages.
    """
    layers = []
    for _, group in groupby(work, key=lambda one: id(one[0])):
        of_recipe = list(group)
        layers += _fit(of_recipe[0][0], [job for _, job in of_recipe])
    return layers


def _fit(recipe: Recipe, jobs: Sequence[Job]) -> list[tuple[Layer, ...]]:
    strategy = recipe.strategy
    if not isinstance(strategy, LatentGenLabel):
        raise GenlabelRobustError(f"strategy {strategy.name!r} is not a latent one")
    epochs = recipe.config.epochs
    warmup = max(1, round(strategy.warmup * epochs))
    if warmup >= epochs:
        raise ConfigurationError(
            f"strategy {strategy.name!r}: epochs is {epochs}, of which the warm-up takes {warmup}; "
            "at least one must be left for the last layer"
        )
    bodies = _bodies(recipe, jobs, warmup)
    streams, fits = Streams(recipe), []
    for job in jobs:
        key = _key(recipe, job)
        net = recipe.architecture.module(bodies[key]).to(recipe.device)
        at = replace(member(strategy, job.candidate), body=net[:-1])  # type: ignore[call-arg]
        rng = job.rng(recipe, "last layer")
        head = _LAST_LAYER.initialise(recipe.architecture.widths[-1], recipe.n_classes, rng)
        parts = streams.parts(job, at, source=list(bodies).index(key))
        fits.append(StackedFit(head, learning_rate(recipe, job), parts))
    config = replace(recipe.config, epochs=epochs - warmup)
    heads = train_stack(fits, streams.all, False, config, recipe.device)
    return [(*bodies[_key(recipe, job)][:-1], *head) for job, head in zip(jobs, heads, strict=True)]


def _key(recipe: Recipe, job: Job) -> tuple[int, float]:
    return job.fold, learning_rate(recipe, job)


def _bodies(
    recipe: Recipe, jobs: Sequence[Job], epochs: int
) -> dict[tuple[int, float], tuple[Layer, ...]]:
    plain = replace(recipe, strategy=Vanilla(), config=replace(recipe.config, epochs=epochs))
    different = {_key(recipe, job): job for job in jobs}
    trained = fit_stacked([(plain, job) for job in different.values()])
    return dict(zip(different, trained, strict=True))
