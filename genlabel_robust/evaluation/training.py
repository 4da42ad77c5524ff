"""Train the model of one cell, whatever its architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import torch

from genlabel_robust.attacks.training_step import training_step
from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.core.seeds import integer_seed
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Knowledge
from genlabel_robust.data.task import Task
from genlabel_robust.evaluation.cell import Cell
from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.architecture import Architecture
from genlabel_robust.models.model import Model, SklearnModel, TorchModel
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.sklearn_estimator import sklearn_estimator
from genlabel_robust.trainers.sklearn_trainer import train_sklearn
from genlabel_robust.trainers.torch_trainer import train

SKLEARN = "sklearn:"


def train_model(cell: Cell, task: Task, space: AttackSpace) -> tuple[Model, dict[str, Any]]:
    """Return the trained model of ``cell`` and its hyper-parameters.

    Adversarial training is given the run's own threat, at its largest ε. Raises
    ``NotApplicableError`` if the strategy cannot train this architecture,
    ``ConfigurationError`` if the settings do not give a model.
    """
    config = _train_config(cell.settings["train"])
    x = task.scaling.apply(task.x_train)
    seed = integer_seed(cell.seed, "training")
    strategy = cell.settings["strategy"]
    if cell.architecture.startswith(SKLEARN):
        estimator = _estimator(cell.architecture, cell.settings["architecture"])
        try:
            fitted = train_sklearn(
                x, task.y_train, task.n_classes, estimator, cell.strategy, strategy, config, seed
            )
            # some estimators look at their settings only now
            fitted.estimator.predict(x)
        except ValueError as error:
            raise ConfigurationError(f"{cell.architecture} refuses its settings or the data: "
                                     f"{' '.join(str(error).split())}") from error  # fmt: skip
        model: Model = SklearnModel(fitted.estimator, task.scaling, task.n_classes)
        return model, _plain(fitted.chosen)
    trained = train(
        x,
        task.y_train,
        task.n_classes,
        resolve_architecture(cell.architecture, cell.settings["architecture"]),
        cell.strategy,
        strategy,
        config,
        seed,
        attack_step=training_step(space, task.scaling, cell.threat.norm, cell.threat.eps[-1]),
        device=cell.device,
    )
    model = TorchModel(trained.module, task.scaling, task.n_classes, cell.device)
    return model, _plain(trained.chosen)


def check_training(config: RunConfig) -> None:
    """Raise the user's mistakes in strategies, architectures and training settings."""
    for kind, names, known in (
        ("strategy", config.strategies, STRATEGIES),
        ("architecture", config.architectures, ARCHITECTURES),
    ):
        for name in names:
            if not name.startswith(SKLEARN):
                known.describe(name)
        for name in config.settings.get(kind, {}):
            if name not in names:
                raise unknown_name(f"{kind} in this run to set", name, names)
    known_settings = [f.name for f in fields(TrainConfig)]
    for name in config.settings.get("train", {}):
        if name not in known_settings:
            raise unknown_name("training setting", name, known_settings)
    try:
        # and back: the device "meta" takes everything and returns nothing
        torch.zeros(1, device=config.device).cpu()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(f"device {config.device!r} cannot be used: {reason}") from error
    for strategy in config.strategies:
        build(strategy, config.settings.get("strategy", {}).get(strategy, {}))
    for name in config.architectures:
        settings = config.settings.get("architecture", {}).get(name, {})
        if name.startswith(SKLEARN):
            _estimator(name, settings)
        else:
            resolve_architecture(name, settings)
    _train_config(_train_table(config))


def knowledge_of(architecture: str, settings: Mapping[str, Any]) -> Knowledge:
    """Return the most that an attacker can ask of a model of this architecture."""
    if not architecture.startswith(SKLEARN):
        return "gradients"
    estimator = _estimator(architecture, settings)
    return "scores" if hasattr(estimator, "predict_proba") else "decisions"


def training_settings(
    config: RunConfig, strategy: str, architecture: str
) -> dict[str, dict[str, Any]]:
    """Return the resolved settings of one cell's training."""
    return {
        "train": _jsonable(asdict(_train_config(_train_table(config)))),
        "strategy": dict(config.settings.get("strategy", {}).get(strategy, {})),
        "architecture": dict(config.settings.get("architecture", {}).get(architecture, {})),
    }


def _train_table(config: RunConfig) -> dict[str, Any]:
    return {"tune": config.tune, **config.settings.get("train", {})}


def _train_config(table: Mapping[str, Any]) -> TrainConfig:
    """Build the configuration from JSON or TOML values, whose lists are its tuples."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    try:
        return TrainConfig(**values)
    except TypeError as error:
        raise ConfigurationError(
            f"the training settings {values} have a wrong type: {error}"
        ) from error


def resolve_architecture(name: str, settings: Mapping[str, Any]) -> Architecture:
    """Return the registered architecture ``name`` with its ``settings``."""
    architecture: Architecture = ARCHITECTURES.load(name)
    for setting in settings:
        if setting != "widths":
            raise unknown_name(f"setting of architecture {name!r}", setting, ["widths"])
    if "widths" not in settings:
        return architecture
    widths = settings["widths"]
    if not isinstance(widths, list | tuple):
        raise ConfigurationError(
            f"architecture {name!r}: widths is {widths!r}; it must be a list, such as [64, 64]"
        )
    return architecture.with_widths(tuple(widths))


def _estimator(name: str, settings: Mapping[str, Any]) -> Any:
    return sklearn_estimator(name.removeprefix(SKLEARN), settings)


def _plain(chosen: Candidate) -> dict[str, Any]:
    return _jsonable(asdict(chosen))


def _jsonable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
