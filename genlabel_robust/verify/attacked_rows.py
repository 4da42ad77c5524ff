"""Rows of a cell, attacked as its run did."""

from genlabel_robust.core import IntArray
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.attacking import Attacked, attack_model
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.threat import AttackSpace


def attack_rows(
    cell: Cell, task: Task, model: Model, space: AttackSpace, rows: IntArray, seed: int
) -> Attacked:
    """Attack the test ``rows`` (q,) of ``cell``; with the run's ``seed`` they get what they got.

    No example's result depends on the others.
    """
    return attack_model(
        model,
        space,
        task.x_test[rows],
        task.y_test[rows],
        task.x_train,
        cell.threat,
        cell.attacks,
        seed,
        when=cell.when,
        early_stop=cell.early_stop,
    )
