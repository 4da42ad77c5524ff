"""The training and assessment of one cell's model."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from genlabel_robust.core import NotApplicableError, integer_seed
from genlabel_robust.core.files.large_arrays import NewArray, in_memory
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.assess import assess
from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.assess.pieces.piece import CarryOut, in_turn
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.cell import Cell, CellResult, empty_result
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.threat import attack_space
from genlabel_robust.threat.table_columns import table_columns


def run_cell(
    cell: Cell, task: Task, carry_out: CarryOut = in_turn
) -> tuple[CellResult, Model | None]:
    """Return the cell's result and its model; the model is None if the strategy does not apply.

    ``carry_out``: as for ``assess``.
    """
    started = time.perf_counter()
    try:
        model, hyper_parameters = train_model(cell, task, attack_space(task, cell.threat))
    except NotApplicableError as error:
        return empty_result(str(error), task.test_ids, task.y_test), None
    seconds = {"train": time.perf_counter() - started}
    result = assess_cell(cell, task, model, hyper_parameters, carry_out=carry_out)
    return replace(result, seconds=seconds | dict(result.seconds)), model


def assess_cell(
    cell: Cell,
    task: Task,
    model: Model,
    hyper_parameters: Mapping[str, Any] | None = None,
    on_step: Step = lambda done, total, name: None,
    *,
    varies: bool = False,
    carry_out: CarryOut = in_turn,
    new_array: NewArray = in_memory,
) -> CellResult:
    """Attack ``model`` as ``cell`` says, whoever trained it.

    ``on_step``, ``carry_out``, ``new_array``: as for ``assess``. ``varies``: whether its answers
    depend on more than the row. Then single columns are not searched, and all queries are made in
    this process, in order.
    """
    space = attack_space(task, cell.threat)
    columns = table_columns(task.feature_names, task.encoding, space.rules.one_hot)
    subject = Subject(
        model,
        space,
        task.x_test,
        task.y_test,
        task.x_train,
        cell.threat,
        cell.attacks,
        integer_seed(cell.seed, "attack"),
        cell.when,
    )
    return assess(
        subject,
        task.test_ids,
        columns=() if varies else columns,
        checks=cell.checks,
        early_stop=cell.early_stop,
        max_seconds=cell.max_seconds,
        certify=cell.certify,
        certify_seconds=cell.certify_seconds,
        hyper_parameters=hyper_parameters,
        on_step=on_step,
        carry_out=in_turn if varies else carry_out,
        new_array=new_array,
    )
