"""The two jobs, with progress bars, and with runs that a notebook can display."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from genlabel_robust.api.progress import cells_bar, steps_bar
from genlabel_robust.api.run import Run
from genlabel_robust.runs import audit as _audit
from genlabel_robust.runs import evaluate as _evaluate

P = ParamSpec("P")


def _evaluating(job: Callable[P, _evaluate.Run]) -> Callable[P, Run]:
    @wraps(job)
    def call(*args: P.args, **kwargs: P.kwargs) -> Run:
        with cells_bar(wanted="on_progress" not in kwargs) as move:
            if move is not None:
                kwargs["on_progress"] = move
            return Run.of(job(*args, **kwargs))

    return call


def _auditing(job: Callable[P, _evaluate.Run]) -> Callable[P, Run]:
    @wraps(job)
    def call(*args: P.args, **kwargs: P.kwargs) -> Run:
        with steps_bar(wanted="on_step" not in kwargs) as move:
            if move is not None:
                kwargs["on_step"] = move
            return Run.of(job(*args, **kwargs))

    return call


evaluate = _evaluating(_evaluate.evaluate)
audit = _auditing(_audit.audit)
