"""The plan of training models by recipes and attacking them, with all names checked."""

from collections.abc import Mapping
from typing import cast

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data import SplitConfig, Task, load_task
from genlabel_robust.data.splitting.splits import SplitKind
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.attack_plan import attack_plan
from genlabel_robust.runs.plan.origin import Recipes
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_training import (
    check_training,
    may_have_hidden_layers,
    mixing_of_encoded,
    trained_alone,
    training_settings,
)
from genlabel_robust.runs.plan.task_notices import beside_the_processor
from genlabel_robust.threat import Constraints


def make_plan(config: RunConfig, tasks: Mapping[str, Task] | None = None) -> Plan:
    """Resolve ``config``; raise an error for any mistake before anything is computed.

    ``tasks``: used instead of the configuration's data sets, if they are already loaded.
    """
    attacked = attack_plan(config)
    check_training(config)
    loaded = load_tasks(config) if tasks is None else tasks
    beside = beside_the_processor(config.device)
    fitting = {
        name: attacked.task(task, *beside, *_of_training(config, task))
        for name, task in loaded.items()
    }
    cells = tuple(
        attacked.cell(
            task,
            strategy,
            architecture,
            training_settings(config, strategy, architecture),
            index,
            config.device,
            hidden=may_have_hidden_layers(architecture, config),
        )
        for task in fitting.values()
        for architecture in config.architectures
        for strategy in config.strategies
        for index in range(config.seeds)
    )
    return attacked.plan(fitting, cells, Recipes())


def _of_training(config: RunConfig, task: Task) -> list[str]:
    return [*trained_alone(config, task), *mixing_of_encoded(config, task)]


def load_tasks(config: RunConfig) -> dict[str, Task]:
    """Return the data sets of ``config`` by their names, split as configured."""
    split = SplitConfig(
        test_share=config.test_share,
        kind=cast("SplitKind", config.split),
        seed=config.split_seed,
        group=config.group,
        test_file=config.test_file,
        max_examples=config.max_examples,
        drop=config.drop,
        category=config.category,
        by=config.by,
        keep=config.keep,
    )
    continuous = Constraints.of(config.constraints).continuous
    tasks: dict[str, Task] = {}
    for spec in config.datasets:
        whole = config.whole_numbers == "whole"
        task = load_task(spec, split, config.scaling, whole_numbers=whole, continuous=continuous)
        if task.name in tasks:
            raise ConfigurationError(
                f"two data sets are named {task.name!r}, so results could not be distinguished; "
                "rename a file, or make separate runs"
            )
        tasks[task.name] = task
    return tasks
