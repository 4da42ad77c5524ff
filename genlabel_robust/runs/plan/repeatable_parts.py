"""A check that strategies from outside repeat their batches, before anything is trained."""

from genlabel_robust.core import ConfigurationError
from genlabel_robust.core.admitted import Part
from genlabel_robust.data import Task
from genlabel_robust.runs.plan.plan import Plan

#: The number of training rows for the check.
_ROWS = 200


def refuse_unrepeatable(plan: Plan) -> None:
    """Raise ``ConfigurationError`` for a strategy from outside with an own random generator.

    It is fitted on some training rows of the first data set. Its own errors are ignored here; its
    cells report them with their line.
    """
    task = next(iter(plan.tasks.values()))
    for part in plan.parts:
        if part.kind == "strategies" and (reason := _unrepeatable(plan, part, task)) is not None:
            raise ConfigurationError(
                f"{reason}; genlabel_robust.parts.contracts.check_strategy tests a strategy's "
                "other promises"
            )


def _unrepeatable(plan: Plan, part: Part, task: Task) -> str | None:
    import torch

    from genlabel_robust.strategies.build import build
    from genlabel_robust.strategies.repeatable import unrepeatable
    from genlabel_robust.strategies.strategy import BatchStrategy

    x = torch.tensor(task.x_train[:_ROWS], dtype=torch.float32)
    y = torch.tensor(task.y_train[:_ROWS])
    settings = plan.config.settings.get("strategy", {}).get(part.name, {})
    try:
        strategy = build(part.name, settings)
        if not isinstance(strategy, BatchStrategy):
            return None
        return unrepeatable(strategy.fit(x, y, task.n_classes), x, y)
    except Exception:  # a user's own code; its cells report the error
        return None
