"""The settings of a training that do not depend on the strategy."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Integral
from typing import Any, Literal, TypeAlias, get_args

from genlabel_robust.core import ConfigurationError, unknown_name

Optimizer: TypeAlias = Literal["adam", "sgd"]
OPTIMIZERS: tuple[str, ...] = get_args(Optimizer)

#: "full" trains the whole grid of a search, "short" what ``short_search`` selects.
Search: TypeAlias = Literal["full", "short"]
SEARCHES: tuple[str, ...] = get_args(Search)


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a training; the defaults are the paper's protocol.

    ``epochs``, ``batch_size``, ``folds``: whole numbers. ``optimizer``: "adam" or
    "sgd", the latter with ``momentum``. ``learning_rate``: the optimizer's;
    None for the architecture's default or, in a search, for all of
    ``learning_rates``. ``weight_decay``: the optimizer's L2 term. ``clip_norm``: the
    largest L2 norm of a model's gradient, None for no limit. ``shuffle``: use a new order
    of the rows in each epoch instead of the order of the data (the paper's).
    ``tune``: choose learning rate and γ by cross-validation over ``folds`` folds,
    without shuffling (``genlabel-cv`` always does); hyper-parameters with a set value are not
    searched. ``search``: "full" trains the whole grid on all folds, "short" only candidates that
    can still win. ``gammas``: tried in ascending order. ``copies``: the number of mixed copies of
    each row on which a scikit-learn classifier is trained. Raises ``ConfigurationError``.
    """

    epochs: int = 100
    batch_size: int = 128
    learning_rate: float | None = None
    weight_decay: float = 1e-4
    shuffle: bool = False
    folds: int = 5
    tune: bool = False
    search: Search = "full"
    learning_rates: tuple[float, ...] = (0.1, 0.01, 0.001, 0.0001)
    gammas: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    copies: int = 10
    optimizer: Optimizer = "adam"
    momentum: float = 0.9
    clip_norm: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("folds", 2), ("copies", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                raise ConfigurationError(
                    f"{name} is {value!r}; it must be a whole number, at least {least}"
                )
            object.__setattr__(self, name, int(value))
        for name in ("shuffle", "tune"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigurationError(
                    f"{name} is {getattr(self, name)!r}; it must be true or false"
                )
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", str(self.optimizer), OPTIMIZERS)
        if self.search not in SEARCHES:
            raise unknown_name("search", str(self.search), SEARCHES)
        for name in ("learning_rate", "weight_decay", "momentum", "clip_norm"):
            if isinstance(getattr(self, name), bool):
                raise ConfigurationError(f"{name} is {getattr(self, name)}; it must be a number")
        rates = self.learning_rates
        for rate in rates if self.learning_rate is None else (*rates, self.learning_rate):
            if not (isfinite(rate) and rate > 0):
                raise ConfigurationError(
                    f"learning_rate {rate} cannot be used; it must be a finite number above 0"
                )
        if not (isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ConfigurationError(
                f"weight_decay is {self.weight_decay}; it must be a finite number, at least 0"
            )
        if not 0.0 <= self.momentum < 1.0:
            raise ConfigurationError(
                f"momentum is {self.momentum}; it must be at least 0 and below 1"
            )
        if self.clip_norm is not None and not (isfinite(self.clip_norm) and self.clip_norm > 0):
            raise ConfigurationError(
                f"clip_norm is {self.clip_norm}; give a finite number above 0, or none"
            )
        for gamma in self.gammas:
            if not 0.0 <= gamma <= 1.0:
                raise ConfigurationError(f"gammas holds {gamma}; every γ must lie in [0, 1]")
        if not self.gammas or not rates:
            raise ConfigurationError("gammas and learning_rates must each hold at least one value")
        object.__setattr__(self, "gammas", tuple(sorted(set(self.gammas))))


def train_config(table: Mapping[str, Any]) -> TrainConfig:
    """Build the configuration from JSON or TOML values, which have lists instead of tuples."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    try:
        return TrainConfig(**values)
    except TypeError as error:
        raise ConfigurationError(
            f"the training settings {values} have a wrong type: {error}"
        ) from error


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` with lists instead of tuples, as in JSON."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
