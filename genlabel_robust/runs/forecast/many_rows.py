"""Forecasts for audits of many rows, from the cost of an additional row."""

import time
from dataclasses import replace

import numpy as np

from genlabel_robust.core import one_thread
from genlabel_robust.core.parallel import workers
from genlabel_robust.runs.execute.cell_work import assess_cell
from genlabel_robust.runs.forecast.forecast import Forecast, forecast_audit
from genlabel_robust.runs.plan.audit_plan import PlannedAudit

#: Rows of the two timed audits; both include the fixed cost, which cancels.
_FEW, _MORE = 256, 1024


def forecast_many(planned: PlannedAudit, weights: int) -> Forecast:
    """Return the result of ``forecast_audit`` with the seconds for many rows; write nothing.

    All cores are used for so many rows, unless the user set fewer.
    """
    found = forecast_audit(planned, weights)
    jobs = workers(planned.plan.config.jobs)
    (task,) = planned.plan.tasks.values()
    seconds = 0.0 if found.held else len(task.y_test) * _each(planned) / jobs
    return replace(found, seconds=seconds, jobs=jobs)


def _each(planned: PlannedAudit) -> float:
    """Return the seconds per additional row."""
    short, longer = (_seconds(planned, n) for n in (_FEW, _MORE))
    return max(longer - short, 0.0) / (_MORE - _FEW)


def _seconds(planned: PlannedAudit, n: int) -> float:
    (cell,) = planned.plan.cells
    task = planned.plan.tasks[cell.dataset]
    rows = np.unique(np.linspace(0, len(task.y_test) - 1, n).astype(np.int64))
    x, y, ids = task.x_test[rows], task.y_test[rows], task.test_ids[rows]
    part = replace(task, x_test=x, y_test=y, test_ids=ids, by=())
    started = time.perf_counter()
    with one_thread():
        assess_cell(replace(cell, checks="off"), part, planned.model)
    return time.perf_counter() - started
