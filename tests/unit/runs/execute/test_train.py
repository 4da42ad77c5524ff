from __future__ import annotations

from dataclasses import replace

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.threat import attack_space


def test_a_cell_of_another_schedule_is_refused_and_not_trained_by_this_one() -> None:
    config = RunConfig(
        datasets=("iris",),
        strategies=("genlabel-cv",),
        architectures=("mlp",),
        seeds=1,
        settings={"train": {"epochs": 2}},
    )
    (cell,) = (plan := make_plan(config)).cells
    task = plan.tasks[cell.dataset]
    space = attack_space(task, cell.threat)
    train_model(cell, task, space)
    schedule = {**cell.settings["search"], "kept": [5, 2]}
    other = replace(cell, settings={**cell.settings, "search": schedule})
    with pytest.raises(ConfigurationError, match=r"'kept': \[5, 2\].*which this version does not"):
        train_model(other, task, space)
