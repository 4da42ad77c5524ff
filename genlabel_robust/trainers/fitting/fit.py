"""Training of any jobs; those of one kind of strategy are trained together."""

from collections.abc import Sequence

from torch import nn

from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.trainers.fitting.adamixup import fit_adamixup
from genlabel_robust.trainers.fitting.alone import fit_alone
from genlabel_robust.trainers.fitting.latent import fit_latent
from genlabel_robust.trainers.fitting.modules import fit_modules
from genlabel_robust.trainers.fitting.stacked import fit_stacked
from genlabel_robust.trainers.job import Fit, Recipe, Work
from genlabel_robust.trainers.stacked.modules import why_not_stacked

_STACKED: dict[str | None, Fit] = {"batches": fit_stacked, "policies": fit_adamixup}


def fit(work: Sequence[Work]) -> list[nn.Module]:
    """Return the trained module of each job; identical jobs may share one object."""
    kinds: dict[Fit, list[int]] = {}
    for index, (recipe, _) in enumerate(work):
        kinds.setdefault(_how(recipe), []).append(index)
    modules: dict[int, nn.Module] = {}
    for how, members in kinds.items():
        own = [work[i] for i in members]
        modules.update(zip(members, _at_once(how, own)(own), strict=True))
    return [modules[index] for index in range(len(work))]


def _how(recipe: Recipe) -> Fit:
    """Return the fastest way of training that strategy and architecture may allow."""
    if "latent" in recipe.strategy.needs:
        return fit_latent
    stacks = {one.stacks for one in recipe.strategy.members()}
    if len(stacks) > 1:
        return fit_alone
    if isinstance(recipe.architecture, Chain):
        return _STACKED.get(stacks.pop(), fit_alone)
    return fit_modules if stacks == {"batches"} else fit_alone


def _at_once(how: Fit, work: Sequence[Work]) -> Fit:
    """Return ``how``, or ``fit_alone`` if the nets cannot be stacked or there is only one."""
    if how is not fit_modules:
        return how
    recipe, job = work[0]
    if len(work) == 1 or why_not_stacked(recipe.architecture, job.x.shape[1], recipe.n_classes):
        return fit_alone
    return how
