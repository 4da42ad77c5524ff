"""Train any jobs: those of one kind of strategy together."""

from collections.abc import Sequence

from torch import nn

from genlabel_robust.models.chain import Chain
from genlabel_robust.trainers.fit_adamixup import fit_adamixup
from genlabel_robust.trainers.fit_alone import fit_alone
from genlabel_robust.trainers.fit_latent import fit_latent
from genlabel_robust.trainers.fit_stacked import fit_stacked
from genlabel_robust.trainers.job import Fit, Recipe, Work

_STACKED: dict[str | None, Fit] = {"batches": fit_stacked, "policies": fit_adamixup}


def fit(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job; jobs that are the same may share one object."""
    kinds: dict[Fit, list[int]] = {}
    for index, (recipe, _) in enumerate(work):
        kinds.setdefault(_how(recipe), []).append(index)
    modules: dict[int, nn.Module] = {}
    for how, members in kinds.items():
        modules.update(zip(members, how([work[i] for i in members]), strict=True))
    return [modules[index] for index in range(len(work))]


def _how(recipe: Recipe) -> Fit:
    """Return the fastest way: only chains of linear layers are computed many at once."""
    if "latent" in recipe.strategy.needs:
        return fit_latent
    stacks = {one.stacks for one in recipe.strategy.members()}
    if isinstance(recipe.architecture, Chain) and len(stacks) == 1:
        return _STACKED.get(stacks.pop(), fit_alone)
    return fit_alone
