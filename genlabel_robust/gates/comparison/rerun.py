"""A new run with the settings of a baseline, for a new training or for a model in a file."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from genlabel_robust.core import ConfigurationError, GenlabelRobustError
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.gates.baselines.baseline import Baseline
from genlabel_robust.gates.verdicts.endpoint import chosen_endpoints
from genlabel_robust.models import Model
from genlabel_robust.models.company import refuse_variation, variation
from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.audit import audit_files
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.evaluate import Run, evaluate_model
from genlabel_robust.runs.folder.weights import read_model, weights_file
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import InMemory, ModelFile, RecipeWeights
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan

#: The endings of weight files.
SUFFIXES = (".safetensors", ".skops")


def refuse_audited(baseline: Baseline) -> None:
    """Raise ``ConfigurationError`` if the baseline is an audit, which cannot train a model."""
    match baseline.run.origin:
        case ModelFile() | InMemory():
            raise ConfigurationError(
                "the baseline is of a model that was audited, and a gate cannot train another one: "
                "audit the new model and name its run, or give --model FILE"
            )


def attack_replacement(
    baseline: Baseline,
    endpoints: Iterable[str],
    config: RunConfig,
    path: Path,
    *,
    trust: bool = False,
    column_order: str | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Run:
    """Attack the model in ``path`` with ``config``, in place of the model of ``endpoints``.

    ``trust``: whether to read a file whose loader executes code in it. ``column_order``: of an
    audit, in place of the baseline's. ``on_step``: as in ``assess``. Raises
    ``ConfigurationError`` if the endpoints are about more than one model, if the baseline has
    several trainings of that model, or if the file contains a model of another kind.
    """
    chosen = chosen_endpoints(endpoints, baseline.run) if endpoints else baseline.endpoints
    groups = list(dict.fromkeys(endpoint.group for endpoint in chosen))
    if len(groups) > 1:
        names = ", ".join(dict.fromkeys(endpoint.subject for endpoint in chosen))
        raise ConfigurationError(
            f"one model cannot take the place of {len(groups)} ({names}); choose with --endpoint"
        )
    count = len(baseline.run.panels[groups[0]].results)
    if count != 1:
        raise ConfigurationError(
            f"the baseline has {count} trainings of {chosen[0].subject}, and one model is compared "
            "with one: save a baseline of a run with --seeds 1, or judge a run of "
            f"{count} seeds"
        )
    match baseline.run.origin:
        case ModelFile(files=AuditFiles() as files):
            # read the baseline's rows in the way that the baseline did
            order = files.column_order if column_order is None else column_order
            tables = files.tables_in(baseline.run.path)
            again = replace(tables, model=str(path), column_order=order)
            return audit_files(again, config.of_attack, trust=trust, on_step=on_step)
    digest = file_sha256(path, error=ConfigurationError)
    plan = only_cell(make_plan(config), *groups[0], digest, config.out or "")
    model = read_replacement(path, plan)
    return evaluate_model(model, plan, weights_file(model, plan.cells[0].about), on_step=on_step)


def only_cell(
    plan: Plan, dataset: str, architecture: str, strategy: str, sha256: str, out: str
) -> Plan:
    """Reduce ``plan`` to one cell, for the weights in a file with the digest ``sha256``.

    ``out``: the run folder. Raises ``ConfigurationError`` if no cell has these names.
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
    """Read the model in ``path``, which must have the architecture of the plan's only cell.

    No code in the file is executed. Raises ``ConfigurationError`` if the model has another
    architecture, or does not take the data set's features.
    """
    (cell,) = plan.cells
    task = plan.tasks[cell.dataset]
    if path.suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{path} cannot be read as a model; give a file that ends in {' or '.join(SUFFIXES)}, "
            "as in a run's models/"
        )
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    try:
        model = read_model(path, cell, task.n_features, task.n_classes)
    except GenlabelRobustError as error:
        raise ConfigurationError(str(error)) from error
    refuse_variation(variation(model, task.x_test))
    return model
