"""The authors' protocol for the OpenML tables: split, scaling, model, search and trials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from genlabel_robust.core import DataError
from genlabel_robust.data import DATASETS, SplitConfig, Task, load_task
from genlabel_robust.data.sources.files import is_file_spec
from genlabel_robust.data.sources.openml import PREFIX
from genlabel_robust.models import LOGISTIC, TorchModel
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.search import Score
from genlabel_robust.trainers.torch_trainer import Request, Trained, train_all

TRIALS = 5
ARCHITECTURE = LOGISTIC
CONFIG = TrainConfig(tune=True, search="full")

#: Settings of strategies in the authors' code, where the nearest point's label has no γ.
SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType({"genlabel-nn": {"gamma": 1.0}})

#: Progress callback: (name of the part that finished, number finished, total number).
OnProgress: TypeAlias = Callable[[str, int, int], None]


def load_tasks(datasets: Iterable[str]) -> tuple[dict[str, Task], dict[str, str]]:
    """Load ``datasets``; also return name -> reason for those that cannot be loaded."""
    tasks, missing = {}, {}
    for dataset in datasets:
        try:
            tasks[dataset] = load_task(
                dataset, SplitConfig(kind="paper"), "paper", numbers_only=True
            )
        except DataError as error:
            missing[dataset] = str(error)
    return tasks, missing


def check_datasets(datasets: Sequence[str] = ()) -> None:
    """Raise ``UnknownNameError`` for a name that is not registered, nor OpenML's, nor a file."""
    for dataset in datasets:
        if not (dataset.startswith(PREFIX) or is_file_spec(dataset)):
            DATASETS.describe(dataset)


def train_table(
    task: Task,
    strategies: Sequence[str],
    seeds: Sequence[int],
    score: Score | None = None,
    architecture: Architecture = ARCHITECTURE,
) -> dict[str, list[Trained]]:
    """Train every strategy with every seed on ``task``, all in one stack.

    Hyper-parameters are those with the highest mean ``score`` (accuracy if None) over five
    unshuffled folds; the first wins a tie. Returns strategy -> one net per seed.
    """
    requests = [
        Request(strategy, SETTINGS.get(strategy, {}), seed)
        for strategy in strategies
        for seed in seeds
    ]
    x = task.scaling.apply(task.x_train)
    trained = iter(
        train_all(x, task.y_train, task.n_classes, architecture, requests, CONFIG, score=score)
    )
    return {strategy: [next(trained) for _ in seeds] for strategy in strategies}


def model(task: Task, trained: Trained) -> TorchModel:
    """Return the trained net as a model that takes raw features."""
    return TorchModel(trained.module, task.scaling, task.n_classes)
