"""The training of one cell's model, for any architecture."""

from dataclasses import asdict
from typing import Any

from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.core import ConfigurationError, integer_seed
from genlabel_robust.data import Task
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.models.nets.architecture import resolve_architecture
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.threat import AttackSpace
from genlabel_robust.trainers.config import Search, plain_values, train_config
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.short_search import SCHEDULE
from genlabel_robust.trainers.sklearn_estimator import SKLEARN, named_estimator
from genlabel_robust.trainers.sklearn_trainer import train_sklearn
from genlabel_robust.trainers.torch_trainer import train


def train_model(cell: Cell, task: Task, space: AttackSpace) -> tuple[Model, dict[str, Any]]:
    """Return the trained model of ``cell`` and its hyper-parameters.

    Adversarial training uses the run's own threat model, at its largest ε. Raises
    ``NotApplicableError`` if the strategy cannot train this architecture,
    ``ConfigurationError`` if the settings are invalid for it.
    """
    config = train_config({**cell.settings["train"], "search": _search(cell)})
    x = task.scaling.apply(task.x_train)
    seed = integer_seed(cell.seed, "training")
    strategy = cell.settings["strategy"]
    if cell.architecture.startswith(SKLEARN):
        estimator = named_estimator(cell.architecture, cell.settings["architecture"])
        try:
            fitted = train_sklearn(
                x, task.y_train, task.n_classes, estimator, cell.strategy, strategy, config, seed
            )
            # some estimators check their settings only now
            fitted.estimator.predict(x)
        except ValueError as error:
            raise ConfigurationError(
                f"{cell.architecture} refuses its settings or the data: "
                f"{' '.join(str(error).split())}"
            ) from error
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


def _search(cell: Cell) -> Search:
    """Return the kind of search of ``cell``: "short" if it has the current schedule.

    Raises ``ConfigurationError`` for another schedule, such as that of another version.
    """
    schedule = cell.settings.get("search")
    if schedule not in (None, SCHEDULE):
        raise ConfigurationError(
            f"{cell.label} was trained by a short search of the schedule {dict(schedule)}, which "
            f"this version does not have; it has {dict(SCHEDULE)}"
        )
    return "full" if schedule is None else "short"


def _plain(chosen: Candidate) -> dict[str, Any]:
    return plain_values(asdict(chosen))
