"""The training part of a plan: valid settings, and what the trained models will offer."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from genlabel_robust.core import quoted, unknown_name
from genlabel_robust.data import Task
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.architecture import Architecture, resolve_architecture
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.build import build
from genlabel_robust.threat import Knowledge
from genlabel_robust.trainers.config import TrainConfig, plain_values, train_config
from genlabel_robust.trainers.grid import grid
from genlabel_robust.trainers.short_search import SCHEDULE, search_of, shortened
from genlabel_robust.trainers.sklearn_estimator import SKLEARN, named_estimator
from genlabel_robust.trainers.stacked.modules import why_not_stacked


def check_training(config: RunConfig) -> None:
    """Raise an error for a mistake in strategies, architectures or training settings."""
    for kind, names, known in (
        ("strategy", config.strategies, STRATEGIES),
        ("architecture", config.architectures, ARCHITECTURES),
    ):
        for name in names:
            if is_net(name):
                known.describe(name)
        for name in config.settings.get(kind, {}):
            if name not in names:
                raise unknown_name(kind, name, names, of="this run", where="to set")
    known_settings = [f.name for f in fields(TrainConfig)]
    for name in config.settings.get("train", {}):
        if name not in known_settings:
            raise unknown_name("training setting", name, known_settings)
    for strategy in config.strategies:
        build(strategy, config.settings.get("strategy", {}).get(strategy, {}))
    for name in config.architectures:
        settings = config.settings.get("architecture", {}).get(name, {})
        resolve = resolve_architecture if is_net(name) else named_estimator
        resolve(name, settings)
    train_config(_train_table(config))


def trained_alone(config: RunConfig, task: Task) -> list[str]:
    """Return a notice for each architecture whose models cannot be trained many at once.

    Raises ``ConfigurationError`` for one that cannot make a net for the features of ``task``.
    """
    settings = config.settings.get("architecture", {})
    nets = [
        resolve_architecture(name, settings.get(name, {}))
        for name in config.architectures
        if is_net(name)
    ]
    reasons = {
        net.name: why_not_stacked(net, task.n_features, task.n_classes)
        for net in nets
        if not isinstance(net, Chain)
    }
    return [
        f"A search over hyper-parameters trains models {name!r} one after the other, as torch.func "
        f"cannot compute many of them at once: {reason}."
        for name, reason in reasons.items()
        if reason is not None
    ]


def mixing_of_encoded(config: RunConfig, task: Task) -> list[str]:
    """Return a notice on the effect of mixing rows if features of ``task`` encode categories."""
    encoded = task.encoding is not None and len(task.encoding.parts) < task.n_features
    settings = config.settings.get("strategy", {})
    mixing = [
        name
        for name in config.strategies
        if any(one.mixes for one in build(name, settings.get(name, {})).members())
    ]
    if not encoded or not mixing:
        return []
    return [
        f"Rows are mixed as they are encoded, for {quoted(mixing)}: between two categories, and "
        "between a missing value and one that is there, the 0/1 features become shares, such as "
        "0.7 of one level and 0.3 of another, which no row of the table has; densities treat "
        "these shares as any other number."
    ]


def is_net(architecture: str) -> bool:
    """Say whether models of ``architecture`` are trained here instead of by scikit-learn."""
    return not architecture.startswith(SKLEARN)


def knowledge_of(architecture: str, settings: Mapping[str, Any]) -> Knowledge:
    """Return the most that a model of this architecture offers to an attacker."""
    if is_net(architecture):
        return "gradients"
    estimator = named_estimator(architecture, settings)
    return "scores" if hasattr(estimator, "predict_proba") else "decisions"


def may_have_hidden_layers(architecture: str, config: RunConfig) -> bool:
    """Say whether models of ``architecture`` may be nets with hidden layers."""
    settings = config.settings.get("architecture", {}).get(architecture, {})
    if is_net(architecture):
        net = resolve_architecture(architecture, settings)
        return not isinstance(net, Chain) or bool(net.widths)
    return hasattr(named_estimator(architecture, settings), "hidden_layer_sizes")


def training_settings(
    config: RunConfig, strategy: str, architecture: str
) -> dict[str, dict[str, Any]]:
    """Return the resolved settings of one cell's training.

    "search" is the schedule of a short search, and absent if the search is not shortened.
    """
    train = train_config(_train_table(config))
    settings = {
        "train": {k: v for k, v in plain_values(asdict(train)).items() if k != "search"},
        "strategy": dict(config.settings.get("strategy", {}).get(strategy, {})),
        "architecture": dict(config.settings.get("architecture", {}).get(architecture, {})),
    }
    built = build(strategy, settings["strategy"])
    net: Architecture | None = ARCHITECTURES.load(architecture) if is_net(architecture) else None
    rate = None if net is None else net.learning_rate
    candidates = grid(built, train, rate, "gamma" in settings["strategy"])
    if search_of(train, net) == "short" and shortened(candidates):
        settings["search"] = dict(SCHEDULE)
    return settings


def _train_table(config: RunConfig) -> dict[str, Any]:
    own = {"tune": config.tune, "search": config.search}
    return {**own, **config.settings.get("train", {})}
