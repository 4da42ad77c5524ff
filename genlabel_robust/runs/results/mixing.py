"""What the mixing strategies of a run do to a data set, whatever is trained on it."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.core import UsageError, one_thread
from genlabel_robust.data import Task
from genlabel_robust.strategies import STRATEGIES, Mixup
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.diagnostics import Diagnostics, diagnose
from genlabel_robust.strategies.mixing import MixingStrategy

#: λs, and points looked at of each: a default run pays a fraction of a second in all.
DRAWS, POINTS = 30, 100


@one_thread()
def mixing_diagnostics(
    task: Task, strategies: Mapping[str, Mapping[str, Any]], seed: int
) -> dict[str, Diagnostics | None]:
    """Return what mixing by each of ``strategies`` does, given with its settings.

    On the scaled training rows of ``task``. None where λ has no fixed distribution. Of
    labels nothing is said where the run does not decide on one density of the features:
    a search chooses it by seed, latent strategies have it on features of a net.
    """
    x = task.scaling.apply(task.x_train)
    options: dict[str, Any] = {"seed": seed, "draws": DRAWS, "points": POINTS}
    found: dict[str, Diagnostics | None] = {}
    for name, settings in strategies.items():
        built = build(name, settings) if name in STRATEGIES else None
        strategy = None if built is None else built.members()[0]
        if built is None or not isinstance(strategy, MixingStrategy):
            found[name] = None
            continue
        points_only = Mixup(alpha=strategy.alpha)
        if built.searched or "latent" in built.needs:
            strategy = points_only
        try:
            found[name] = diagnose(strategy, x, task.y_train, task.n_classes, **options)
        except UsageError:
            # a density that training at γ = 0 did without, and that cannot be fitted
            found[name] = diagnose(points_only, x, task.y_train, task.n_classes, **options)
    return found
