"""Requirements for a strategy from outside."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, first_line, refuse_abstract, settings_of_instance
from genlabel_robust.strategies.strategy import BatchStrategy, LossStrategy, Strategy

_NEEDS = frozenset({"gradients", "latent"})


def fit_strategy(target: Any, name: str | None) -> Fit:
    """Return ``target``, a class of strategies or an instance, as a part.

    Raises ``ConfigurationError``, whose text follows the part's name.
    """
    kind = target if isinstance(target, type) else type(target)
    if not issubclass(kind, Strategy):
        raise ConfigurationError(
            f"is not a strategy: it is {shown(target)}, but must be a class derived from "
            "BatchStrategy or LossStrategy of genlabel_robust.parts, or an instance of one"
        )
    _refuse_incomplete(kind)
    settings = {}
    if kind is not target:
        settings = settings_of_instance(target, kind.setting_names(), "strategy")
    else:
        kind()  # it must accept its own defaults
    return Fit(kind.name, kind, settings, about=first_line(kind))


def _refuse_incomplete(kind: type[Strategy]) -> None:
    refuse_abstract(kind, "strategy")
    if not isinstance(getattr(kind, "name", None), str):
        raise ConfigurationError("has no name; give its class one, such as name = 'noise'")
    if not issubclass(kind, BatchStrategy | LossStrategy) and not kind.searched:
        raise ConfigurationError(
            "is an incomplete strategy: it must be derived from BatchStrategy or LossStrategy"
        )
    if not isinstance(kind.needs, frozenset) or not kind.needs <= _NEEDS:
        raise ConfigurationError(
            f"has needs of {shown(kind.needs)}; it must be a frozenset of any of "
            f"{', '.join(map(repr, sorted(_NEEDS)))}"
        )
    if kind.stacks not in ("batches", None) and not kind.__module__.startswith("genlabel_robust."):
        raise ConfigurationError(
            f"has stacks of {shown(kind.stacks)}; a strategy from outside has 'batches' or None"
        )
