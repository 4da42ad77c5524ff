"""Train any jobs: those of one kind of strategy together."""

from __future__ import annotations

from collections.abc import Sequence

from genlabel_robust.models.architecture import Layer
from genlabel_robust.strategies.adamixup import AdaMixup
from genlabel_robust.strategies.genlabel_cv import GenLabelCV
from genlabel_robust.strategies.strategy import LossStrategy, Strategy
from genlabel_robust.trainers.fit_adamixup import fit_adamixup
from genlabel_robust.trainers.fit_by_loss import fit_by_loss
from genlabel_robust.trainers.fit_latent import fit_latent
from genlabel_robust.trainers.fit_stacked import fit_stacked
from genlabel_robust.trainers.job import Fit, Work


def fit(work: Sequence[Work]) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each job; jobs that are the same share one object."""
    kinds: dict[Fit, list[int]] = {}
    for index, (recipe, _) in enumerate(work):
        kinds.setdefault(_how(recipe.strategy), []).append(index)
    layers: dict[int, tuple[Layer, ...]] = {}
    for how, members in kinds.items():
        layers.update(zip(members, how([work[i] for i in members]), strict=True))
    return [layers[index] for index in range(len(work))]


def _how(strategy: Strategy | GenLabelCV) -> Fit:
    if isinstance(strategy, AdaMixup):
        return fit_adamixup
    if isinstance(strategy, LossStrategy):
        return fit_by_loss
    return fit_latent if "latent" in strategy.needs else fit_stacked
