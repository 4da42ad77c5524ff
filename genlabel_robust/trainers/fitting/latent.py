"""Training of a latent strategy: the whole net plainly, then its last layer."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import groupby

from torch import nn

from genlabel_robust.core import ConfigurationError, GenlabelRobustError, NotApplicableError
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.strategies import Vanilla
from genlabel_robust.strategies.genlabel_latent import LatentGenLabel
from genlabel_robust.trainers.fitting.alone import fit_alone
from genlabel_robust.trainers.fitting.stacked import Streams, fit_stacked
from genlabel_robust.trainers.grid import member
from genlabel_robust.trainers.job import Job, Recipe, Work, learning_rate
from genlabel_robust.trainers.stacked.stack import StackedFit, train_stack

_LAST_LAYER = Chain("last layer", (), relu=False, learning_rate=0.01)


def fit_latent(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job.

    The warm-up is a plain training. Then the body is frozen, the densities are fitted on its
    features, and a new last layer is trained on the features of mixed inputs. Jobs that differ
    only in γ share the warm-up. Raises ``ConfigurationError`` if there are too few epochs for
    both stages.
    """
    modules = []
    for _, group in groupby(work, key=lambda one: id(one[0])):
        of_recipe = list(group)
        modules += _fit(of_recipe[0][0], [job for _, job in of_recipe])
    return modules


def _fit(recipe: Recipe, jobs: Sequence[Job]) -> list[nn.Module]:
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
    streams, fits, frozen = Streams(recipe), [], []
    for job in jobs:
        key = _key(recipe, job)
        body, width = latent_features(recipe.architecture, bodies[key])
        frozen.append(body)
        at = replace(member(strategy, job.candidate), body=body)  # type: ignore[call-arg]
        rng = job.rng(recipe, "last layer")
        head = _LAST_LAYER.initialise(width, recipe.n_classes, rng)
        parts = streams.parts(job, at, source=list(bodies).index(key))
        fits.append(StackedFit(head, learning_rate(recipe, job), parts))
    config = replace(recipe.config, epochs=epochs - warmup)
    heads = train_stack(fits, streams.all, False, config, recipe.device)
    last = [_LAST_LAYER.module(head).to(recipe.device) for head in heads]
    return [
        nn.Sequential(*deepcopy(body), *layer).eval()
        for body, layer in zip(frozen, last, strict=True)
    ]


def latent_features(architecture: Architecture, net: nn.Module) -> tuple[nn.Sequential, int]:
    """Return the part of ``net`` before its last linear layer, and its number of outputs.

    Raises ``NotApplicableError`` if there is no such part.
    """
    if not isinstance(net, nn.Sequential) or not isinstance(net[-1], nn.Linear) or len(net) < 2:
        raise NotApplicableError(
            f"architecture {architecture.name!r} has no hidden layer whose features could be "
            "relabelled: its net would have to be a torch.nn.Sequential of several parts, the last "
            "of which is linear"
        )
    return nn.Sequential(*list(net)[:-1]), net[-1].in_features


def _key(recipe: Recipe, job: Job) -> tuple[int, float]:
    return job.fold, learning_rate(recipe, job)


def _bodies(recipe: Recipe, jobs: Sequence[Job], epochs: int) -> dict[tuple[int, float], nn.Module]:
    plain = replace(recipe, strategy=Vanilla(), config=replace(recipe.config, epochs=epochs))
    different = {_key(recipe, job): job for job in jobs}
    fit = fit_stacked if isinstance(recipe.architecture, Chain) else fit_alone
    trained = fit([(plain, job) for job in different.values()])
    return dict(zip(different, trained, strict=True))
