"""A model that was trained elsewhere, in the place of one that a plan would train."""

from dataclasses import replace
from pathlib import Path

from genlabel_robust.core import ConfigurationError, GenlabelRobustError
from genlabel_robust.models import Model
from genlabel_robust.models.company import refuse_variation, variation
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.runs.plan.origin import RecipeWeights
from genlabel_robust.runs.plan.plan import Plan

#: What files of weights end in.
SUFFIXES = (".safetensors", ".skops")


def only_cell(
    plan: Plan, dataset: str, architecture: str, strategy: str, sha256: str, out: str
) -> Plan:
    """Return ``plan`` with one cell left, for the weights in a file of this ``sha256``.

    ``out``: the run's folder. Raises ``ConfigurationError`` if no cell is of these names.
    """
    named = (dataset, architecture, strategy)
    cells = [c for c in plan.cells if (c.dataset, c.architecture, c.strategy) == named]
    if not cells:
        raise ConfigurationError(
            f"the run has no model of {strategy} ({architecture}) on {dataset} to take the place of"
        )
    return replace(
        plan,
        config=replace(plan.config, out=out),
        tasks={dataset: plan.tasks[dataset]},
        cells=(cells[0],),
        origin=RecipeWeights(sha256),
    )


def read_replacement(path: Path, plan: Plan) -> Model:
    """Return the model in ``path``, of the architecture of the plan's only cell.

    Nothing in the file is executed. Raises ``ConfigurationError`` if it is no such model,
    or does not take the data set's features.
    """
    (cell,) = plan.cells
    task = plan.tasks[cell.dataset]
    if path.suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{path}: a model is read from {' or '.join(SUFFIXES)}, as in a run's models/"
        )
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    try:
        model = read_model(path, cell, task.n_features, task.n_classes)
    except GenlabelRobustError as error:
        raise ConfigurationError(str(error)) from error
    refuse_variation(variation(model, task.x_test))
    return model
