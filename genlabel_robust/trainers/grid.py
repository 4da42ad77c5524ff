"""The grid of hyper-parameters that a search goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.strategies.genlabel import GenLabel
from genlabel_robust.strategies.genlabel_cv import GenLabelCV
from genlabel_robust.strategies.strategy import Strategy
from genlabel_robust.trainers.config import TrainConfig


@dataclass(frozen=True)
class Candidate:
    """One point of the grid; None for what the strategy or the model does not have."""

    learning_rate: float | None
    density: str | None
    gamma: float | None


def grid(
    strategy: Strategy | GenLabelCV,
    config: TrainConfig,
    default_rate: float | None,
    gamma_is_set: bool,
) -> tuple[Candidate, ...]:
    """Return the candidates in the order in which they are tried.

    Learning rate outermost, then density, then γ ascending. At γ = 0 no density
    has a say: it is tried once, under the first. ``default_rate``: the learning
    rate without a search, None for a model that has none. ``gamma_is_set``: γ was
    given, so it is not searched.
    """
    search = config.tune or isinstance(strategy, GenLabelCV)
    rates: tuple[float | None, ...] = (default_rate,)
    if default_rate is not None and config.learning_rate is not None:
        rates = (config.learning_rate,)
    elif default_rate is not None and search:
        rates = config.learning_rates
    pairs: list[tuple[str | None, float | None]] = []
    for density, member in members(strategy).items():
        if not isinstance(member, GenLabel):
            pairs.append((None, None))
            continue
        gammas = config.gammas if search and not gamma_is_set else (member.gamma,)
        pairs += [(density, gamma) for gamma in gammas if gamma > 0.0 or not pairs]
    return tuple(Candidate(rate, density, gamma) for rate in rates for density, gamma in pairs)


def members(strategy: Strategy | GenLabelCV) -> Mapping[str | None, Strategy]:
    """Return the strategies that ``strategy`` stands for, by their density."""
    if isinstance(strategy, GenLabelCV):
        return {**strategy.members()}
    return {strategy.density_name if isinstance(strategy, GenLabel) else None: strategy}


def member(strategy: Strategy | GenLabelCV, density: str | None) -> Strategy:
    """Return the one with ``density``; raises ``ConfigurationError`` if there is none."""
    found = members(strategy)
    if density not in found:
        raise ConfigurationError(
            f"strategy {strategy.name!r} has no density {density!r}; it has {list(found)}"
        )
    return found[density]
