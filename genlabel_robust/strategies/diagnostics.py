"""Diagnostics of mixing: intrusion, foreign labels, and the divergence from GenLabel's labels."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genlabel_robust.core import (
    ConfigurationError,
    NotApplicableError,
    UsageError,
    generator,
    one_thread,
)
from genlabel_robust.data import Task
from genlabel_robust.densities.nearest_neighbour import nearest
from genlabel_robust.densities.rows import float64, int64
from genlabel_robust.strategies import STRATEGIES, Mixup
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.mixing import MixingStrategy, pair
from genlabel_robust.strategies.strategy import Strategy

#: How many λs are drawn, and how many points are examined for each: a fraction of a second per run.
DRAWS, POINTS = 30, 100


@dataclass(frozen=True)
class Diagnostics:
    """Figures about ``n_points`` mixed points; shares are in [0, 1].

    ``intrusion_rate``: the share of points whose nearest training point has a class other than
    those of both parents. The next three compare mixup's labels with GenLabel's at γ = 1, and are
    None for a strategy without densities. ``foreign_label_rate``: the share of points whose most
    likely class is not that of a parent. ``kl_divergence``: the mean, in nats, of KL(mixup's label
    || GenLabel's) over the points where it is finite, None if there are none. ``infinite_kl_rate``:
    the share of points where it is infinite, because GenLabel assigns probability 0 to a parent's
    class.
    """

    n_points: int
    intrusion_rate: float
    foreign_label_rate: float | None = None
    kl_divergence: float | None = None
    infinite_kl_rate: float | None = None

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures as they are stored in ``results.json``."""
        return asdict(self)


def diagnose(
    strategy: Strategy,
    x: Any,
    y: Any,
    n_classes: int,
    *,
    seed: int = 0,
    draws: int = 50,
    points: int | None = None,
) -> Diagnostics:
    """Measure what mixing does to the rows ``x`` (n, d) with labels ``y`` (n,) in 0..k-1.

    All rows are mixed ``draws`` times. Each draw has one λ and one permutation, as in training
    with all rows in one batch. ``points``: how many mixed points of each draw to examine; None
    for all. You do not have to fit ``strategy`` first. Raises ``NotApplicableError`` if it
    does not mix with a Beta distribution, ``ConfigurationError`` if ``draws`` or ``points`` is
    below 1, and the errors of its density. Source: Sohn et al. 2022 (2201.02354).
    """
    if not isinstance(strategy, MixingStrategy):
        raise NotApplicableError(
            f"strategy {strategy.name!r} does not mix rows by a fixed distribution of λ: there is "
            "nothing to diagnose; give mixup, mixup-exclude-mi or one of genlabel-*"
        )
    for name, value in {"draws": draws, "points": points}.items():
        if value is not None and value < 1:
            raise ConfigurationError(f"{name} is {value}; it must be at least 1")
    rows, labels = x if isinstance(x, Tensor) else torch.tensor(np.asarray(x)), int64(y)
    one_hot = functional.one_hot(labels, n_classes).to(torch.float64)
    density = None
    if isinstance(strategy, GenLabel):
        density = strategy.new_density().fit(strategy.represent(rows), labels, n_classes)
    rng = generator(seed, "diagnostics")
    intruding, foreign, divergence = [], [], []
    for _ in range(draws):
        pairing = pair(rows, strategy.alpha, rng)
        looked = torch.arange(len(rows))
        if points is not None and points < len(rows):
            looked = torch.from_numpy(rng.choice(len(rows), points, replace=False))
        mixed = pairing.mix(rows)[looked]
        parents = labels[looked], labels[pairing.partner[looked]]
        found = labels[nearest(float64(mixed), float64(rows))]
        intruding.append(_neither(found, parents))
        if isinstance(strategy, GenLabel) and density is not None:
            log_label = density.log_density(strategy.represent(mixed)).log_softmax(dim=1)
            foreign.append(_neither(log_label.argmax(dim=1), parents))
            divergence.append(_divergence(pairing.mix(one_hot)[looked], log_label))
    rate = torch.cat(intruding).double().mean().item()
    if not divergence:
        return Diagnostics(draws * len(looked), rate)
    nats = torch.cat(divergence)
    finite = nats[nats.isfinite()]
    return Diagnostics(
        n_points=draws * len(looked),
        intrusion_rate=rate,
        foreign_label_rate=torch.cat(foreign).double().mean().item(),
        kl_divergence=finite.mean().item() if len(finite) else None,
        infinite_kl_rate=1.0 - len(finite) / len(nats),
    )


def _neither(found: Tensor, parents: tuple[Tensor, Tensor]) -> Tensor:
    return (found != parents[0]) & (found != parents[1])


def _divergence(target: Tensor, log_label: Tensor) -> Tensor:
    """Return KL(target || label) in nats, (b,), with 0 log 0 = 0; both (b, k)."""
    terms = target * (target.log() - log_label)
    return torch.where(target > 0, terms, 0.0).sum(dim=1)


@one_thread()
def mixing_diagnostics(
    task: Task, strategies: Mapping[str, Mapping[str, Any]], seed: int
) -> dict[str, Diagnostics | None]:
    """Return the diagnostics of each of ``strategies``, which are names with settings.

    They are computed on the scaled training rows of ``task``. None for a strategy whose λ has no
    fixed distribution. Only ``intrusion_rate`` is reported if a run does not use a single density
    of the features: a search chooses a density by seed, and latent strategies use one on features
    of a net.
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
            # the density cannot be fitted; training at γ = 0 did not need it
            found[name] = diagnose(points_only, x, task.y_train, task.n_classes, **options)
    return found
