"""Train the jobs of a latent strategy: the whole net plainly, then its last layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError
from genlabel_robust.models.architecture import Architecture, Layer
from genlabel_robust.strategies.genlabel_latent import LatentGenLabel
from genlabel_robust.strategies.vanilla import Vanilla
from genlabel_robust.trainers.fit_stacked import Streams, learning_rate
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.stack import StackedFit, train_stack

_LAST_LAYER = Architecture("last layer", (), relu=False, learning_rate=0.01)


def fit_latent(recipe: Recipe, jobs: Sequence[Job]) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each job.

    The warm-up trains plainly; then the body is frozen, the densities are fitted on
    its features, and a fresh last layer is trained on the features of mixed inputs.
    Jobs that differ only in γ share the warm-up. Raises ``ConfigurationError`` if
    there are too few epochs for both stages.
    """
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
    bodies: dict[tuple[int, float], int] = {}
    for job in jobs:
        bodies.setdefault((job.fold, learning_rate(recipe, job)), len(bodies))
    warmed = _warm_up(recipe, jobs, bodies, warmup)

    streams, fits = Streams(recipe), []
    for job in jobs:
        body = bodies[job.fold, learning_rate(recipe, job)]
        net = recipe.architecture.module(warmed[body]).to(recipe.device)
        parts = streams.parts(job, replace(strategy, body=net[:-1]), source=body)
        width = recipe.architecture.widths[-1]
        rng = job.rng(recipe, "last layer")
        head = _LAST_LAYER.initialise(width, recipe.n_classes, rng)
        fits.append(StackedFit(head, learning_rate(recipe, job), parts))
    config = replace(recipe.config, epochs=epochs - warmup)
    heads = train_stack(fits, streams.all, False, config, recipe.device)
    return [
        (*warmed[bodies[job.fold, learning_rate(recipe, job)]][:-1], *head)
        for job, head in zip(jobs, heads, strict=True)
    ]


def _warm_up(
    recipe: Recipe, jobs: Sequence[Job], bodies: dict[tuple[int, float], int], epochs: int
) -> list[tuple[Layer, ...]]:
    streams = Streams(recipe)
    fits: dict[int, StackedFit] = {}
    for job in jobs:
        rate = learning_rate(recipe, job)
        body = bodies[job.fold, rate]
        if body not in fits:
            initial = job.initial(recipe, recipe.architecture)
            fits[body] = StackedFit(initial, rate, streams.parts(job, Vanilla()))
    config = replace(recipe.config, epochs=epochs)
    relu = recipe.architecture.relu
    return train_stack(list(fits.values()), streams.all, relu, config, recipe.device)
