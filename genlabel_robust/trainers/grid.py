"""The grid of hyper-parameters of a search."""

from dataclasses import dataclass, replace

from genlabel_robust.core import ConfigurationError
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.strategy import Strategy
from genlabel_robust.trainers.config import TrainConfig


@dataclass(frozen=True)
class Candidate:
    """One point of the grid; None for hyper-parameters that strategy or model do not have."""

    learning_rate: float | None
    density: str | None
    gamma: float | None


def grid(
    strategy: Strategy,
    config: TrainConfig,
    default_rate: float | None,
    gamma_is_set: bool,
) -> tuple[Candidate, ...]:
    """Return the candidates in the order in which they are tried.

    The order is learning rate (outermost), density, γ ascending. At γ = 0 the density has no
    effect, so γ = 0 is tried only with the first one. ``default_rate``: the learning rate without
    a search, None for a model without one. ``gamma_is_set``: the user set γ, so it is not searched.
    """
    search = config.tune or strategy.searched
    rates: tuple[float | None, ...] = (default_rate,)
    if default_rate is not None and config.learning_rate is not None:
        rates = (config.learning_rate,)
    elif default_rate is not None and search:
        rates = config.learning_rates
    pairs: list[tuple[str | None, float | None]] = []
    for one in strategy.members():
        if not isinstance(one, GenLabel):
            pairs.append((None, None))
            continue
        gammas = config.gammas if search and not gamma_is_set else (one.gamma,)
        density = one.density_name
        pairs += [(density, gamma) for gamma in gammas if gamma > 0.0 or not pairs]
    return tuple(Candidate(rate, density, gamma) for rate in rates for density, gamma in pairs)


def member(strategy: Strategy, candidate: Candidate) -> Strategy:
    """Return the strategy with the density and γ of ``candidate``."""
    for found in strategy.members():
        if not isinstance(found, GenLabel):
            return found
        if found.density_name == candidate.density:
            gamma = found.gamma if candidate.gamma is None else candidate.gamma
            return replace(found, gamma=gamma)
    raise ConfigurationError(
        f"strategy {strategy.name!r} has no density {candidate.density!r} to train with"
    )
